//! Linear algebra: the ops of the graph with their core signatures. What programs call for them is in [`super::routine`].
//!
//! A signature names the core dimensions (the last axes); leading axes are a stack and broadcast.

use super::OpInfo;
use crate::types::DType;
use smallvec::SmallVec;

/// The core dimensions of an operand or a result, by letter.
pub type Core = SmallVec<[u8; 2]>;

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
    /// LU with partial pivoting, packed: `u` and below it `l` without its unit diagonal; row `i` was exchanged with `piv[i]`.
    LuFactor = "linalg.lu_factor" "scipy.linalg.lu_factor" "(m,n)->(m,n),(k)";
    /// A permutation `p`, lower triangular `l` with a unit diagonal and upper triangular `u` with `p @ l @ u = a`.
    Lu = "linalg.lu" "scipy.linalg.lu" "(m,n)->(m,m),(m,k),(k,n)";
    /// `x` with `a @ x = b`, by what `lu_factor` made of `a`.
    LuSolve = "linalg.lu_solve" "scipy.linalg.lu_solve" "(m,m),(m),(m,n)->(m,n)";
    /// `l`, `d` with blocks of order 1 and 2, and `perm` with `l @ d @ l.T = a` (conjugated) and triangular `l[perm]`; only the lower triangle of `a` is read.
    Ldl = "linalg.ldl" "scipy.linalg.ldl" "(m,m)->(m,m),(m,m),(m)";
    /// `x` with `a @ x = b` for a matrix of diagonals: the upper ones with the main one last, the lower ones with the main one first.
    Gbsv = "linalg.gbsv" "scipy.linalg.lapack.dgbsv" "(p,m),(q,m),(m,n)->(m,n)";
    /// The exponential of a matrix.
    Expm = "linalg.expm" "scipy.linalg.expm" "(m,m)->(m,m)";
    /// Quasi-triangular `t` and orthogonal `z` with `z @ t @ z.T = a`: of a real matrix a 2 x 2 block for each pair of complex eigenvalues; of a complex one triangular and unitary.
    Schur = "linalg.schur" "scipy.linalg.schur" "(m,m)->(m,m),(m,m)";
    /// `y` with `r @ y + y @ s.T = f` (conjugated) for quasi-triangular `r` and `s`, as `schur` makes them.
    Trsyl = "linalg.trsyl" "scipy.linalg.lapack.dtrsyl" "(m,m),(n,n),(m,n)->(m,n)";
    /// The principal square root of a matrix without an eigenvalue at 0, of a real one without any on the negative real axis.
    Sqrtm = "linalg.sqrtm" "scipy.linalg.sqrtm" "(m,m)->(m,m)";
    /// The stabilising `x` of Riccati's equation for `a`, `b`, `q`, `r` in discrete time.
    SolveDiscreteAre = "linalg.solve_discrete_are" "scipy.linalg.solve_discrete_are" "(m,m),(m,n),(m,m),(n,n)->(m,m)";
    /// The inverse and the reciprocal of the condition number in the norm of column sums; NaN and 0 of a singular matrix.
    TryInv = "linalg.try_inv" "" "(m,m)->(m,m),()";
    /// `x` with `a @ x = b` and an estimate of the reciprocal of the condition number of `a`; NaN and 0 where it is singular.
    TrySolve = "linalg.try_solve" "" "(m,m),(m,n)->(m,n),()";
    /// The factor of `cholesky` and 0; NaN and the order of the leading minor that is not positive.
    TryCholesky = "linalg.try_cholesky" "" "(m,m)->(m,m),()";
    /// The eigenvalues, in no order, and eigenvectors of length 1, in columns; complex, also of a real matrix.
    Eig = "linalg.eig" "numpy.linalg.eig" "(m,m)->(m),(m,m)";
    /// The eigenvalues, in no order; complex, also of a real matrix.
    Eigvals = "linalg.eigvals" "numpy.linalg.eigvals" "(m,m)->(m)";
    /// `x` with `a.T @ x = b`, by what `lu_factor` made of `a`.
    LuSolveTransposed = "linalg.lu_solve" "scipy.linalg.lu_solve" "(m,m),(m),(m,n)->(m,n)";
}

impl LinalgOp {
    /// The parameter that tells an op from others of the same name, as it is written.
    pub fn parameter(self) -> Option<(&'static str, &'static str)> {
        match self {
            LinalgOp::Svd => Some(("full_matrices", "false")),
            LinalgOp::SvdFull => Some(("full_matrices", "true")),
            LinalgOp::QrComplete => Some(("mode", "complete")),
            LinalgOp::LuSolveTransposed => Some(("trans", "1")),
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

    /// The dtype of an operand, where the others are of `dtype`: pivots are `i64`.
    pub fn operand_dtype(self, operand: usize, dtype: DType) -> DType {
        match (self, operand) {
            (LinalgOp::LuSolve | LinalgOp::LuSolveTransposed, 1) => DType::I64,
            _ => dtype,
        }
    }

    /// The dtype of a result of operands of `dtype`: pivots are `i64`.
    pub fn result_dtype(self, result: usize, dtype: DType) -> DType {
        match (self, result) {
            (LinalgOp::LuFactor | LinalgOp::TryCholesky, 1) | (LinalgOp::Ldl, 2) => DType::I64,
            (LinalgOp::Eig | LinalgOp::Eigvals, _) => dtype.to_complex(),
            (LinalgOp::Eigh | LinalgOp::Eigvalsh | LinalgOp::Svdvals, 0) => dtype.real(),
            (LinalgOp::Svd | LinalgOp::SvdFull | LinalgOp::Slogdet, 1) => dtype.real(),
            (LinalgOp::TryInv | LinalgOp::TrySolve, 1) => dtype.real(),
            _ => dtype,
        }
    }

    /// Whether operands of this dtype are computed in it; `matmul` is of every dtype.
    pub fn has_loop(self, dtype: DType) -> bool {
        self == LinalgOp::Matmul || dtype.is_inexact()
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
    pub fn cores(self) -> impl Iterator<Item = Core> {
        core_shapes(self.signature().split_once("->").expect("an arrow").1)
    }

    /// The core dimensions of each operand, by letter.
    pub fn operands(self) -> impl Iterator<Item = Core> {
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
        // Diagonals include the main one, and without controls nothing is stabilised.
        let least = match self {
            LinalgOp::Gbsv => &b"pq"[..],
            LinalgOp::SolveDiscreteAre => b"n",
            _ => b"",
        };
        if least.iter().any(|&letter| sizes[letter as usize] == Some(0)) {
            return None;
        }
        let [m, n] = [sizes[b'm' as usize], sizes[b'n' as usize]];
        sizes[b'k' as usize] = m.min(n);
        self.cores().map(|letters| letters.iter().map(|&l| sizes[l as usize]).collect()).collect()
    }

    pub(crate) fn info(self) -> OpInfo {
        OpInfo {
            name: self.name(),
            numpy: self.numpy(),
            arity: Some(self.arity()),
            dtypes: DType::ALL.into_iter().filter(|&dtype| self.has_loop(dtype)).collect(),
            kind: "linalg",
            doc: self.doc().trim(),
        }
    }
}

/// `(m,n),(n)` as the letters between each pair of parentheses.
fn core_shapes(side: &'static str) -> impl Iterator<Item = Core> {
    let inner = side.trim_start_matches('(').trim_end_matches(')');
    inner.split("),(").map(|letters| letters.bytes().filter(|&letter| letter != b',').collect())
}
