//! The routines that programs call: what each evaluates, what it is called, what it may overwrite, what it costs.
//!
//! A routine is known by the op it is called for and the BLAS and LAPACK names together: `getrf` is all of a determinant, of
//! the logarithm of one, and of a factorisation.

use super::{LinalgOp, OrderOp};
use crate::types::DType;

/// What a program calls. The text form is the list of BLAS/LAPACK routines with the prefix of the dtype, such as
/// `dgetrf, dgetri`. Small matrices go through kernels of our own that answer to the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Routine {
    /// C = A B.
    Matmul,
    /// C = A A*: the product of a matrix and its own transpose, of complex numbers the conjugate one. Half of a large one is
    /// computed.
    Gram,
    /// LU and substitution.
    Solve,
    /// Cholesky and substitution.
    SolveSpd,
    /// LU and inverse.
    Inv,
    /// Cholesky and inverse.
    InvSpd,
    /// Cholesky.
    Cholesky,
    /// Substitution with a triangle.
    SolveTriangular,
    /// Householder QR, as the LQ of the transpose that a row-major matrix is to LAPACK.
    Qr,
    /// LU, product of the diagonal.
    Det,
    /// LU, signs and logarithms of the diagonal.
    Slogdet,
    /// Tridiagonal form, divide and conquer; values and vectors.
    Eigh,
    /// Tridiagonal form, implicit QL; values only.
    Eigvalsh,
    /// Bidiagonal form, divide and conquer; reduced or full by the shapes of the results.
    Svd,
    /// Bidiagonal form; values only.
    Svdvals,
    /// LU with its pivots, packed.
    LuFactor,
    /// LU as three matrices.
    Lu,
    /// Substitution with the factors of LU.
    LuSolve,
    /// Bunch and Kaufman's factorisation of a symmetric matrix.
    Ldl,
    /// LU of a band and substitution.
    Gbsv,
    /// Scaling, Pade approximation and squaring.
    Expm,
    /// Hessenberg form, shifted QR.
    Schur,
    /// Substitution from both sides.
    Trsyl,
    /// Schur form and square roots of its blocks.
    Sqrtm,
    /// QR and the ordered Schur form of a pencil.
    SolveDiscreteAre,
    /// LU and inverse, or NaN.
    TryInv,
    /// LU, an estimate of the condition number and substitution, or NaN.
    TrySolve,
    /// Cholesky, or NaN.
    TryCholesky,
    /// Hessenberg form, shifted QR, eigenvectors of the triangle.
    Eig,
    /// Hessenberg form, shifted QR.
    Eigvals,
    /// Substitution with the transposed factors of LU.
    LuSolveTransposed,
    /// Rows sorted or searched, of any dtype: no routine of LAPACK's, and so without a row.
    Order(OrderOp),
}

/// What is known of a routine.
struct Row {
    routine: Routine,
    /// The ops it evaluates; the shapes of the results say which.
    ops: &'static [LinalgOp],
    /// The BLAS and LAPACK names without the prefix of the dtype.
    stems: &'static [&'static str],
    /// The names where the last operand is one column (of a product, where either is a vector).
    column: &'static [&'static str],
    overwrites: Option<usize>,
    may_fail: bool,
}

const fn row(routine: Routine, ops: &'static [LinalgOp], stems: &'static [&'static str]) -> Row {
    Row { routine, ops, stems, column: stems, overwrites: None, may_fail: true }
}

impl Row {
    const fn column(self, column: &'static [&'static str]) -> Row {
        Row { column, ..self }
    }

    const fn overwrites(self, operand: usize) -> Row {
        Row { overwrites: Some(operand), ..self }
    }

    const fn never_fails(self) -> Row {
        Row { may_fail: false, ..self }
    }
}

const ROUTINES: &[Row] = &[
    row(Routine::Matmul, &[LinalgOp::Matmul], &["gemm"]).column(&["gemv"]).never_fails(),
    row(Routine::Gram, &[LinalgOp::Matmul], &["syrk"]).never_fails(),
    row(Routine::Solve, &[LinalgOp::Solve], &["getrf", "trsm", "trsm"]).column(&["getrf", "getrs"]).overwrites(1),
    row(Routine::SolveSpd, &[LinalgOp::Solve], &["potrf", "trsm", "trsm"]).column(&["potrf", "potrs"]).overwrites(1),
    row(Routine::Inv, &[LinalgOp::Inv], &["getrf", "getri"]).overwrites(0),
    row(Routine::InvSpd, &[LinalgOp::Inv], &["potrf", "potri"]).overwrites(0),
    row(Routine::Cholesky, &[LinalgOp::Cholesky], &["potrf"]).overwrites(0),
    row(Routine::SolveTriangular, &[LinalgOp::SolveTriangular], &["trsm"]).column(&["trsv"]).overwrites(1),
    row(Routine::Qr, &[LinalgOp::Qr, LinalgOp::QrComplete], &["gelqf", "orglq"]).never_fails(),
    row(Routine::Det, &[LinalgOp::Det], &["getrf"]).never_fails(),
    row(Routine::Slogdet, &[LinalgOp::Slogdet], &["getrf"]).never_fails(),
    row(Routine::Eigh, &[LinalgOp::Eigh], &["syevd"]).overwrites(0),
    row(Routine::Eigvalsh, &[LinalgOp::Eigvalsh], &["syevd"]),
    row(Routine::Svd, &[LinalgOp::Svd, LinalgOp::SvdFull], &["gesdd"]).overwrites(0),
    row(Routine::Svdvals, &[LinalgOp::Svdvals], &["gesdd"]),
    row(Routine::LuFactor, &[LinalgOp::LuFactor], &["getrf"]).overwrites(0).never_fails(),
    row(Routine::Lu, &[LinalgOp::Lu], &["getrf"]).never_fails(),
    row(Routine::Ldl, &[LinalgOp::Ldl], &["sytrf"]),
    row(Routine::Gbsv, &[LinalgOp::Gbsv], &["gbsv"]).overwrites(2),
    row(Routine::Expm, &[LinalgOp::Expm], &["gemm", "getrf", "trsm", "trsm", "gemm"]).never_fails(),
    row(Routine::Schur, &[LinalgOp::Schur], &["gees"]),
    row(Routine::Trsyl, &[LinalgOp::Trsyl], &["trsyl"]).overwrites(2),
    row(Routine::Sqrtm, &[LinalgOp::Sqrtm], &["gees", "trsyl", "gemm", "gemm"]),
    row(Routine::SolveDiscreteAre, &[LinalgOp::SolveDiscreteAre], &["gelqf", "orglq", "gges", "getrf", "trsm", "trsm"]),
    row(Routine::TryInv, &[LinalgOp::TryInv], &["getrf", "getri"]).overwrites(0).never_fails(),
    row(Routine::TrySolve, &[LinalgOp::TrySolve], &["getrf", "trsm", "trsm", "gecon"])
        .column(&["getrf", "getrs", "gecon"])
        .overwrites(1)
        .never_fails(),
    row(Routine::TryCholesky, &[LinalgOp::TryCholesky], &["potrf"]).overwrites(0).never_fails(),
    row(Routine::Eig, &[LinalgOp::Eig], &["geev"]),
    row(Routine::Eigvals, &[LinalgOp::Eigvals], &["geev"]),
    row(Routine::LuSolve, &[LinalgOp::LuSolve], &["laswp", "trsm", "trsm"]).column(&["getrs"]).overwrites(2),
    row(Routine::LuSolveTransposed, &[LinalgOp::LuSolveTransposed], &["trsm", "trsm", "laswp"])
        .column(&["trsv", "trsv", "laswp"])
        .overwrites(2),
];

/// What LAPACK calls a routine of complex matrices.
fn complex(stem: &str) -> &str {
    match stem {
        "orglq" => "unglq",
        "syevd" => "heevd",
        "sytrf" => "hetrf",
        "syrk" => "herk",
        other => other,
    }
}

impl Routine {
    fn row(self) -> &'static Row {
        ROUTINES.iter().find(|row| row.routine == self).expect("every routine has a row")
    }

    /// The routine of an op, where nothing is known of its operands.
    pub fn of(op: LinalgOp) -> Routine {
        ROUTINES.iter().find(|row| row.ops.contains(&op)).expect("every op has a routine").routine
    }

    /// The BLAS/LAPACK names; `column` says that the right-hand side is one column (for `Matmul`, either operand a vector).
    pub fn names(self, dtype: DType, column: bool) -> Vec<String> {
        if let Routine::Order(op) = self {
            return op.routine().iter().map(|name| name.to_string()).collect();
        }
        let prefix = match dtype {
            DType::F32 => 's',
            DType::C64 => 'c',
            DType::C128 => 'z',
            _ => 'd',
        };
        let stems = if column { self.row().column } else { self.row().stems };
        stems.iter().map(|stem| format!("{prefix}{}", if dtype.is_complex() { complex(stem) } else { stem })).collect()
    }

    /// The routine of an op by its text name and a list of names. What is known of a matrix makes other routines do: where
    /// none evaluates the op, the names decide.
    pub fn from_names(op: &str, names: &[&str]) -> Option<Self> {
        if let Some(op) = OrderOp::from_routine(names) {
            return Some(Routine::Order(op));
        }
        let stems: Vec<&str> = names.iter().map(|n| n.get(1..).unwrap_or("")).collect();
        let is = |row: &[&str]| row == stems || row.iter().map(|stem| complex(stem)).eq(stems.iter().copied());
        let named = || ROUTINES.iter().filter(|row| is(row.stems) || is(row.column));
        let row = named().find(|row| row.ops.iter().any(|known| known.name() == op)).or(named().next());
        row.map(|row| row.routine)
    }

    /// The op that it evaluates, operands and results having these rows and columns; `None` when they fit none. A vector is
    /// a row, a number 1 x 1.
    pub fn op(self, operands: &[[usize; 2]], results: &[[usize; 2]]) -> Option<LinalgOp> {
        if let Routine::Order(_) = self {
            return None;
        }
        let fits = |op: &LinalgOp| {
            let core = |letters: super::linalg::Core, shape: &[usize; 2]| match (letters.len(), shape) {
                (2, _) => Some(shape.to_vec()),
                (1, [1, n]) => Some(vec![*n]),
                (0, [1, 1]) => Some(Vec::new()),
                _ => None,
            };
            let cores = |letters: &mut dyn Iterator<Item = super::linalg::Core>, shapes: &[[usize; 2]]| {
                letters.zip(shapes).map(|(letters, shape)| core(letters, shape)).collect::<Option<Vec<_>>>()
            };
            if (operands.len(), results.len()) != (op.arity(), op.results()) {
                return false;
            }
            let (given, made) = (cores(&mut op.operands(), operands), cores(&mut op.cores(), results));
            let inferred = given.and_then(|given| op.infer(&given.iter().map(|core| &core[..]).collect::<Vec<_>>()));
            inferred.is_some() && inferred == made
        };
        self.row().ops.iter().copied().find(fits)
    }

    /// Number of matrices read.
    pub fn operands(self) -> usize {
        if let Routine::Order(op) = self {
            return op.arity();
        }
        self.row().ops[0].arity()
    }

    /// Number of matrices written.
    pub fn results(self) -> usize {
        if let Routine::Order(_) = self {
            return 1;
        }
        self.row().ops[0].results()
    }

    /// The dtype of an operand of a call in `dtype`.
    pub fn operand_dtype(self, operand: usize, dtype: DType) -> DType {
        if let Routine::Order(op) = self {
            return op.operand(operand, dtype);
        }
        self.row().ops[0].operand_dtype(operand, dtype)
    }

    /// The dtype of a result of a call in `dtype`.
    pub fn result_dtype(self, result: usize, dtype: DType) -> DType {
        if let Routine::Order(op) = self {
            return op.result(dtype);
        }
        self.row().ops[0].result_dtype(result, dtype)
    }

    /// Which operand the routine overwrites when it may: its result can then live in that operand's buffer.
    pub fn overwrites(self) -> Option<usize> {
        if let Routine::Order(_) = self {
            return None;
        }
        self.row().overwrites
    }

    /// Whether the routine can take the conjugate of a complex operand.
    pub fn conjugates(self, operand: usize) -> bool {
        match self {
            Routine::Matmul | Routine::Gram => true,
            Routine::SolveTriangular => operand == 0,
            _ => false,
        }
    }

    /// Whether there are operands, of shapes that fit, with which it fails.
    pub fn may_fail(self) -> bool {
        if let Routine::Order(op) = self {
            return op.may_fail();
        }
        self.row().may_fail
    }

    /// Floating-point operations for one matrix of the stack, by the counts of LAPACK working note 41 (leading terms); of
    /// eigenvalues and singular values the reduction to a band and, with vectors, its accumulation, which do not depend on
    /// the numbers as the iteration after them does.
    /// `m`, `n` are the first operand's rows and columns, `p` the last operand's columns.
    pub fn flops(self, m: usize, n: usize, p: usize) -> u128 {
        // No matrix that exists is larger, and of these the count fits.
        let [m, n, p] = [m, n, p].map(|size| size.min(1 << 40) as u128);
        match self {
            Routine::Order(_) => 0,
            Routine::Matmul => 2 * m * n * p,
            Routine::Gram => m * m * n,
            Routine::Solve => 2 * m * m * m / 3 + 2 * m * m * p,
            Routine::SolveSpd => m * m * m / 3 + 2 * m * m * p,
            Routine::Inv => 2 * m * m * m,
            Routine::InvSpd => m * m * m,
            Routine::Cholesky => m * m * m / 3,
            Routine::SolveTriangular => m * m * p,
            Routine::Qr => {
                let k = m.min(n);
                let q = 4 * m * n * k + 4 * k * k * k / 3;
                // gelqf of the transpose, then orglq of k vectors.
                2 * k * k * (m.max(n) - k / 3) + q.saturating_sub(2 * (m + n) * k * k)
            }
            Routine::Det | Routine::Slogdet => 2 * m * m * m / 3,
            Routine::Lu | Routine::LuFactor => {
                let (k, long) = (m.min(n), m.max(n));
                k * k * long - k * k * k / 3
            }
            Routine::LuSolve | Routine::LuSolveTransposed => 2 * m * m * p,
            Routine::Ldl => m * m * m / 3,
            // Of `m` diagonals from the main one upwards, as many downwards, and `n` rows.
            Routine::Gbsv => 2 * n * m * m + 6 * n * m * p,
            // Order 13, without the squarings, whose number the matrix tells.
            Routine::Expm => 6 * 2 * m * m * m + 2 * m * m * m / 3 + 2 * m * m * m,
            // gehrd, orghr and what the iteration takes, by experience (Golub and Van Loan, section 7.5).
            Routine::Schur => 25 * m * m * m,
            Routine::Eig => 28 * m * m * m,
            Routine::Eigvals => 10 * m * m * m,
            Routine::Trsyl => m * p * (m + p),
            Routine::Sqrtm => 25 * m * m * m + m * m * m / 3 + 4 * m * m * m,
            // 66 (2m)^3 of the pencil (Golub and Van Loan, section 7.7), and a solution.
            Routine::SolveDiscreteAre => 66 * 8 * m * m * m + 2 * m * m * m / 3 + 2 * m * m * m,
            Routine::TryInv => Routine::Inv.flops(m as usize, n as usize, 0),
            Routine::TrySolve => Routine::Solve.flops(m as usize, n as usize, p as usize),
            Routine::TryCholesky => Routine::Cholesky.flops(m as usize, n as usize, 0),
            // sytrd, and ormtr of a full matrix.
            Routine::Eigvalsh => 4 * m * m * m / 3,
            Routine::Eigh => 4 * m * m * m / 3 + 2 * m * m * m,
            // gebrd, and ormbr of as many vectors on either side.
            Routine::Svdvals | Routine::Svd => {
                let (k, long) = (m.min(n), m.max(n));
                let vectors = 2 * k * k * (2 * long - k) + 2 * k * k * k;
                4 * k * k * long - 4 * k * k * k / 3 + if self == Routine::Svd { vectors } else { 0 }
            }
        }
    }
}
