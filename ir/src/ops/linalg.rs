//! Linear algebra: the ops of the graph with their core signatures, and the routines that programs call.
//!
//! A signature names the core dimensions (the last axes); leading axes are a stack and broadcast.

use super::OpInfo;
use crate::types::DType;

macro_rules! linalg {
    ($(#[doc = $doc:literal] $variant:ident = $name:literal $numpy:literal $signature:literal;)*) => {
        /// An op on the matrices in the last two axes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum LinalgOp { $(#[doc = $doc] $variant,)* }

        impl LinalgOp {
            /// Every op, in the order of the table.
            pub const ALL: &[LinalgOp] = &[$(LinalgOp::$variant,)*];

            /// The name in text.
            pub fn name(self) -> &'static str { match self { $(LinalgOp::$variant => $name,)* } }

            /// The name in NumPy or SciPy.
            pub fn numpy(self) -> &'static str { match self { $(LinalgOp::$variant => $numpy,)* } }

            /// One line about it.
            pub fn doc(self) -> &'static str { match self { $(LinalgOp::$variant => $doc,)* } }

            /// The core dimensions; `k` of qr is the smaller of `m` and `n`.
            pub fn signature(self) -> &'static str { match self { $(LinalgOp::$variant => $signature,)* } }
        }
    };
}

linalg! {
    /// The product of matrices.
    Matmul = "matmul" "numpy.matmul" "(m,n),(n,p)->(m,p)";
    /// `x` with `a @ x = b`, by LU with partial pivoting.
    Solve = "linalg.solve" "numpy.linalg.solve" "(m,m),(m,n)->(m,n)";
    /// The inverse.
    Inv = "linalg.inv" "numpy.linalg.inv" "(m,m)->(m,m)";
    /// The lower triangular `l` with `l @ l.T = a`; only the lower triangle of `a` is read.
    Cholesky = "linalg.cholesky" "numpy.linalg.cholesky" "(m,m)->(m,m)";
    /// `x` with `a @ x = b` for triangular `a`, of which only the triangle is read (`lower=true` or `false`).
    SolveTriangular = "linalg.solve_triangular" "scipy.linalg.solve_triangular" "(m,m),(m,n)->(m,n)";
    /// Orthonormal columns `q` and upper triangular `r` with `q @ r = a` (reduced).
    Qr = "linalg.qr" "numpy.linalg.qr" "(m,n)->(m,k),(k,n)";
    /// The determinant.
    Det = "linalg.det" "numpy.linalg.det" "(m,m)->()";
    /// The sign of the determinant and the logarithm of its magnitude: 0 and minus infinity of a singular matrix.
    Slogdet = "linalg.slogdet" "numpy.linalg.slogdet" "(m,m)->(),()";
    /// Eigenvalues in ascending order and orthonormal eigenvectors, in columns, of a symmetric matrix; only its lower triangle is read.
    Eigh = "linalg.eigh" "numpy.linalg.eigh" "(m,m)->(m),(m,m)";
    /// The eigenvalues of a symmetric matrix in ascending order; only its lower triangle is read.
    Eigvalsh = "linalg.eigvalsh" "numpy.linalg.eigvalsh" "(m,m)->(m)";
    /// Singular values in descending order, with as many left and right singular vectors: `u * s @ vt = a`.
    Svd = "linalg.svd" "numpy.linalg.svd" "(m,n)->(m,k),(k),(k,n)";
    /// Singular values in descending order, with orthogonal `u` and `vt`.
    SvdFull = "linalg.svd" "numpy.linalg.svd" "(m,n)->(m,m),(k),(n,n)";
    /// The singular values in descending order.
    Svdvals = "linalg.svdvals" "numpy.linalg.svdvals" "(m,n)->(k)";
    /// Orthogonal `q` and upper triangular `r` of the shape of `a` with `q @ r = a` (complete).
    QrComplete = "linalg.qr" "numpy.linalg.qr" "(m,n)->(m,m),(m,n)";
}

impl LinalgOp {
    /// The parameter that tells an op from others of the same name, as it is written.
    pub fn parameter(self) -> Option<(&'static str, &'static str)> {
        match self {
            LinalgOp::Svd => Some(("full_matrices", "false")),
            LinalgOp::SvdFull => Some(("full_matrices", "true")),
            LinalgOp::QrComplete => Some(("mode", "complete")),
            _ => None,
        }
    }

    /// The first op of a text name; others of the name have another [`parameter`](Self::parameter).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|op| op.name() == name)
    }

    /// The dtype in which operands of this dtype are computed; `matmul` of integers and bools stays what it is.
    pub fn loop_dtype(self, dtype: DType) -> DType {
        if self == LinalgOp::Matmul { dtype } else { dtype.to_float() }
    }

    /// Number of operands.
    pub fn arity(self) -> usize {
        self.operands().count()
    }

    /// Number of results.
    pub fn results(self) -> usize {
        self.cores().count()
    }

    /// The core dimensions of each result, by letter.
    pub fn cores(self) -> impl Iterator<Item = &'static [u8]> {
        core_shapes(self.signature().split_once("->").expect("an arrow").1)
    }

    /// The core dimensions of each operand, by letter.
    pub fn operands(self) -> impl Iterator<Item = &'static [u8]> {
        core_shapes(self.signature().split_once("->").expect("an arrow").0)
    }

    /// The core shapes of the results, for core shapes of operands; `None` when they do not fit the signature.
    pub fn infer(self, operands: &[&[usize]]) -> Option<Vec<Vec<usize>>> {
        let mut sizes = [None; 256];
        for (letters, shape) in self.operands().zip(operands) {
            for (&letter, &size) in letters.iter().zip(*shape) {
                if *sizes[letter as usize].get_or_insert(size) != size {
                    return None;
                }
            }
        }
        let [m, n] = [sizes[b'm' as usize], sizes[b'n' as usize]];
        sizes[b'k' as usize] = m.min(n);
        self.cores().map(|letters| letters.iter().map(|&l| sizes[l as usize]).collect()).collect()
    }

    pub(crate) fn info(self) -> OpInfo {
        let all = self == LinalgOp::Matmul;
        OpInfo {
            name: self.name(),
            numpy: self.numpy(),
            arity: Some(self.arity()),
            dtypes: DType::ALL.into_iter().filter(|d| all || d.is_float()).collect(),
            kind: "linalg",
            doc: self.doc().trim(),
        }
    }
}

/// `(m,n),(n)` as the letters between each pair of parentheses.
fn core_shapes(side: &'static str) -> impl Iterator<Item = &'static [u8]> {
    let letters: fn(&'static str) -> &'static [u8] = |inner| match inner {
        "" => b"",
        "m,m" => b"mm",
        "m,n" => b"mn",
        "n,p" => b"np",
        "m,p" => b"mp",
        "m" => b"m",
        "k" => b"k",
        "n,n" => b"nn",
        "m,k" => b"mk",
        "k,n" => b"kn",
        _ => unreachable!("a signature of the table"),
    };
    side.trim_start_matches('(').trim_end_matches(')').split("),(").map(letters)
}

/// What a program calls. The text form is the list of BLAS/LAPACK routines with the prefix of the dtype, such as
/// `dgetrf, dgetri`. Small matrices go through kernels of our own that answer to the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Routine {
    /// C = A B.
    Matmul,
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
}

/// Routine, whether the right-hand side is one column, LAPACK stems.
const ROUTINES: &[(Routine, Option<bool>, &[&str])] = &[
    (Routine::Matmul, Some(false), &["gemm"]),
    (Routine::Matmul, Some(true), &["gemv"]),
    (Routine::Solve, Some(false), &["getrf", "trsm", "trsm"]),
    (Routine::Solve, Some(true), &["getrf", "getrs"]),
    (Routine::SolveSpd, Some(false), &["potrf", "trsm", "trsm"]),
    (Routine::SolveSpd, Some(true), &["potrf", "potrs"]),
    (Routine::Inv, None, &["getrf", "getri"]),
    (Routine::InvSpd, None, &["potrf", "potri"]),
    (Routine::Cholesky, None, &["potrf"]),
    (Routine::SolveTriangular, Some(false), &["trsm"]),
    (Routine::SolveTriangular, Some(true), &["trsv"]),
    (Routine::Qr, None, &["gelqf", "orglq"]),
    (Routine::Det, None, &["getrf"]),
    (Routine::Slogdet, None, &["getrf"]),
    (Routine::Eigh, None, &["syevd"]),
    (Routine::Eigvalsh, None, &["syevd"]),
    (Routine::Svd, None, &["gesdd"]),
    (Routine::Svdvals, None, &["gesdd"]),
];

impl Routine {
    /// The BLAS/LAPACK names; `column` says that the right-hand side is one column (for `Matmul`, either operand a vector).
    pub fn names(self, dtype: DType, column: bool) -> Vec<String> {
        let prefix = if dtype == DType::F32 { 's' } else { 'd' };
        let row = ROUTINES.iter().find(|(r, c, _)| *r == self && c.is_none_or(|c| c == column));
        row.expect("every routine has a row").2.iter().map(|stem| format!("{prefix}{stem}")).collect()
    }

    /// The routine of a list of names that writes this many matrices, or else of the names alone.
    pub fn from_names(names: &[&str], results: usize) -> Option<Self> {
        let stems: Vec<&str> = names.iter().map(|n| n.get(1..).unwrap_or("")).collect();
        let named = || ROUTINES.iter().filter(|(_, _, s)| *s == stems).map(|(r, ..)| *r);
        named().find(|r| r.results() == results).or(named().next())
    }

    /// Number of matrices read.
    pub fn operands(self) -> usize {
        match self {
            Routine::Matmul | Routine::Solve | Routine::SolveSpd | Routine::SolveTriangular => 2,
            _ => 1,
        }
    }

    /// Number of matrices written.
    pub fn results(self) -> usize {
        match self {
            Routine::Svd => 3,
            Routine::Qr | Routine::Slogdet | Routine::Eigh => 2,
            _ => 1,
        }
    }

    /// Which operand the routine overwrites when it may: its result can then live in that operand's buffer.
    pub fn overwrites(self) -> Option<usize> {
        match self {
            Routine::Inv | Routine::InvSpd | Routine::Cholesky => Some(0),
            Routine::Solve | Routine::SolveSpd | Routine::SolveTriangular => Some(1),
            Routine::Matmul | Routine::Qr | Routine::Det | Routine::Slogdet => None,
            Routine::Eigh | Routine::Eigvalsh | Routine::Svd | Routine::Svdvals => None,
        }
    }

    /// Floating-point operations for one matrix of the stack, by the counts of LAPACK working note 41 (leading terms); of
    /// eigenvalues and singular values the reduction to a band and, with vectors, its accumulation, which do not depend on
    /// the numbers as the iteration after them does.
    /// `m`, `n` are the first operand's rows and columns, `p` the second operand's columns.
    pub fn flops(self, m: usize, n: usize, p: usize) -> u128 {
        // No matrix that exists is larger, and of these the count fits.
        let [m, n, p] = [m, n, p].map(|size| size.min(1 << 40) as u128);
        match self {
            Routine::Matmul => 2 * m * n * p,
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
