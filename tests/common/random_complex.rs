//! Linear algebra of complex matrices at the end of a random graph.
//!
//! Its randomness is apart, so that the rest of a case is what its seed makes without it. The parts of its results go on as real
//! numbers: what orders complex ones is not continuous.

use super::*;
use evanesce_ir::build::linalg::equations;
use evanesce_ir::compose::complex;

/// What is made of ops, and takes matrices of one kind.
const COMPOSITIONS: usize = 5;

impl Maker {
    /// A few ops in one case of five.
    pub(super) fn complex(&mut self, seed: u64) {
        let mut apart = Rng::new(seed ^ 0x5eed_c0de);
        if !apart.chance(20) {
            return;
        }
        std::mem::swap(&mut self.rng, &mut apart);
        for _ in 0..1 + self.rng.below(2) {
            let _refused: Result<(), Problem> = self.complex_linalg();
        }
        for _ in 0..self.rng.below(3) {
            let _refused: Result<(), Problem> = self.node();
        }
        std::mem::swap(&mut self.rng, &mut apart);
    }

    fn complex_input(
        &mut self,
        dtype: DType,
        shape: &[usize],
        facts: Facts,
        f: impl Fn(&mut Rng, usize) -> [f64; 2],
    ) -> ValueId {
        let ty = Type::new(dtype, shape);
        let part = |x: f64| Scalar::F64(x).cast(dtype.real());
        let scalars: Vec<Scalar> = (0..ty.len())
            .map(|at| {
                let [re, im] = f(&mut self.rng, at);
                Scalar::complex(part(re), part(im)).expect("two floats")
            })
            .collect();
        self.input(Tensor::from_scalars(&ty, scalars), facts).value
    }

    fn mild_complex(&mut self, dtype: DType, shape: &[usize]) -> ValueId {
        self.complex_input(dtype, shape, Facts::NONE, |rng, _| [rng.unit(), rng.unit()])
    }

    /// Hermitian and diagonally dominant, with or without saying so.
    fn definite(&mut self, dtype: DType, shape: &[usize]) -> Result<ValueId, Problem> {
        let n = shape[shape.len() - 1];
        let x = self.mild_complex(dtype, shape);
        let facts = if self.rng.chance(50) { Facts::SPD } else { Facts::NONE };
        let b = &mut self.at();
        let turned = adjoint(b, x)?;
        let sum = build::elementwise(b, ElementwiseOp::Add, &[x, turned].map(Operand::Value))?;
        let diagonal = (0..n * n).map(|at| {
            let x = if at / n == at % n { 3.0 * n as f64 } else { 0.0 };
            Scalar::F64(x).cast(dtype.real())
        });
        let diagonal = build::constant(b, Tensor::from_scalars(&Type::new(dtype.real(), [n, n]), diagonal))?;
        let sum = build::elementwise(b, ElementwiseOp::Add, &[sum, diagonal].map(Operand::Value))?;
        if facts == Facts::NONE { Ok(sum) } else { build::view(b, &sum, View::Assume(facts)) }
    }

    fn complex_linalg(&mut self) -> Result<(), Problem> {
        let dtype = self.rng.pick(&[DType::C128, DType::C128, DType::C64]);
        let stack = self.rng.pick(&[&[][..], &[], &[2], &[3, 1]]);
        let n = self.rng.pick(&[1, 2, 3, 4, 7, 10, 20]);
        let shape = |core: &[usize]| -> Vec<usize> { stack.iter().chain(core).copied().collect() };
        let ops: Vec<LinalgOp> = LinalgOp::ALL
            .iter()
            .copied()
            .filter(|op| {
                !matches!(op, LinalgOp::LuSolve | LinalgOp::Gbsv | LinalgOp::Trsyl | LinalgOp::SolveDiscreteAre)
            })
            .filter(|op| !matches!(op, LinalgOp::Expm | LinalgOp::Eig | LinalgOp::LuSolveTransposed))
            .collect();
        let which = self.rng.below(ops.len() + COMPOSITIONS);
        let columns = 1 + self.rng.below(4);
        let results = match ops.get(which) {
            Some(&op) => {
                let any = matches!(op, LinalgOp::Matmul | LinalgOp::Qr | LinalgOp::QrComplete | LinalgOp::Lu)
                    || matches!(op, LinalgOp::Svd | LinalgOp::SvdFull | LinalgOp::Svdvals);
                let mut matrix = if any {
                    let m = 1 + self.rng.below(5);
                    self.mild_complex(dtype, &shape(&[m, n]))
                } else if op == LinalgOp::Det {
                    // Of a definite one it is large, and the imaginary part only rounding.
                    self.mild_complex(dtype, &shape(&[n, n]))
                } else {
                    self.definite(dtype, &shape(&[n, n]))?
                };
                match self.rng.below(4) {
                    0 => matrix = build::matrix_transpose(&mut self.at(), &matrix)?,
                    1 => matrix = adjoint(&mut self.at(), matrix)?,
                    _ => {}
                }
                let mut operands = vec![Operand::Value(matrix)];
                if op.arity() == 2 {
                    let ty = self.graph.ty(matrix).clone();
                    let rows = ty.shape[ty.rank() - if op == LinalgOp::Matmul { 1 } else { 2 }];
                    let right = match self.rng.below(3) {
                        0 => self.mild_complex(dtype, &[rows]),
                        1 => {
                            let wide = self.mild_complex(dtype, &[columns, rows]);
                            adjoint(&mut self.at(), wide)?
                        }
                        _ => self.mild_complex(dtype, &[rows, columns]),
                    };
                    operands.push(Operand::Value(right));
                }
                let lower = self.rng.chance(50);
                let results = build::linalg(&mut self.at(), op, &operands, lower)?;
                self.determined(op, &results)?
            }
            None => vec![self.composition(which - ops.len(), dtype, &shape(&[n, n]))?],
        };
        let loose = if dtype == DType::C64 { 1e-3 } else { 1e-9 };
        for value in results {
            let parts = match self.graph.ty(value).dtype.is_complex() {
                true => vec![complex::real(&mut self.at(), &value)?, complex::imag(&mut self.at(), &value)?],
                false => vec![value],
            };
            let known = |value| Known { value, loose, mild: false, spd: false, index: 0 };
            self.values.extend(parts.into_iter().map(known));
        }
        Ok(())
    }

    fn composition(&mut self, which: usize, dtype: DType, shape: &[usize]) -> Result<ValueId, Problem> {
        let n = shape[shape.len() - 1];
        let right = self.mild_complex(dtype, shape);
        let (a, small) = (self.definite(dtype, shape)?, self.mild_complex(dtype, shape));
        let scale = Operand::Weak(WeakScalar::Float(0.5 / n as f64));
        let b = &mut self.at();
        let small = build::elementwise(b, ElementwiseOp::Multiply, &[Operand::Value(small), scale])?;
        match which {
            0 => {
                let [x] = build::linalg(b, LinalgOp::Expm, &[Operand::Value(small)], false)?[..] else {
                    unreachable!("one result")
                };
                Ok(x)
            }
            1 => equations::solve_sylvester(b, &a, &a, &right),
            2 => equations::solve_continuous_lyapunov(b, &a, &right),
            3 => equations::solve_discrete_lyapunov(b, &small, &right),
            _ => {
                let operands = [small, right, a, a].map(Operand::Value);
                Ok(build::linalg(b, LinalgOp::SolveDiscreteAre, &operands, false)?[0])
            }
        }
    }
}

pub(super) fn adjoint(b: &mut At<'_>, x: ValueId) -> Result<ValueId, Problem> {
    let turned = build::matrix_transpose(b, &x)?;
    complex::conjugate(b, &turned)
}
