//! The Schur form of a matrix, and what follows from it: equations that are linear in a matrix on both sides, and square roots.
//!
//! What LAPACK makes triangular it has to see as it is, in columns: matrices move to the workspace or the result transposed.

use super::mat::{store, transpose};
use super::workspace::{place, split};
use super::{Failure, MatMut, MatRef, Real, Routine, Scalar, Work, check_finite, conjugate, gemm, int, square};
use std::slice::{from_raw_parts, from_raw_parts_mut as slice_mut};

/// A = Z T Z* with unitary Z and triangular T; of a real A orthogonal Z and quasi-triangular T: on the diagonal numbers, and
/// 2 x 2 blocks of equal diagonal elements for pairs of complex eigenvalues.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Schur`].
pub unsafe fn schur<T: Scalar>(a: MatRef<T>, t: MatMut<T>, z: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    debug_assert!(t.is_row_major() && z.is_row_major());
    let n = square(a);
    let (copies, rest) = split(Routine::Schur, n, n, work);
    let (t_held, z_held) = (place(t.ptr, copies), place(z.ptr, copies.wrapping_add(n * n)));
    // SAFETY: the results and the workspace are the caller's, of the sizes that are used.
    unsafe {
        columns(a, t_held, z_held, rest)?;
        transpose(t_held, t, |x| x);
        transpose(z_held, z, |x| x);
    }
    Ok(())
}

/// [`schur`] with results in columns.
unsafe fn columns<T: Scalar>(a: MatRef<T>, t: *mut T, z: *mut T, work: Work<T>) -> Result<(), Failure> {
    let n = square(a);
    // SAFETY: the caller's memory: n x n twice, and eigenvalues with as much as LAPACK asks for.
    unsafe {
        check_finite(a, false)?;
        if n == 0 {
            return Ok(());
        }
        store(a.t(), t);
        match T::gees(int(n), t, z, work) {
            0 => Ok(()),
            _ => Err(Failure::NoConvergence),
        }
    }
}

/// Y with R Y + Y S* = F for triangular R and S, real ones quasi-triangular, as [`schur`] makes them; F may be Y itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Trsyl`].
pub unsafe fn trsyl<T: Scalar>(
    r: MatRef<T>,
    s: MatRef<T>,
    f: MatRef<T>,
    y: MatMut<T>,
    work: *mut T,
) -> Result<(), Failure> {
    let (m, n) = (square(r), square(s));
    debug_assert!(y.is_row_major() && (y.rows, y.cols) == (m, n));
    if m == 0 || n == 0 {
        return Ok(());
    }
    // SAFETY: the result and the workspace are the caller's. To Fortran conj(S) Y' + Y' conj(R)* = F'.
    unsafe {
        let (r_columns, s_columns) = (work, work.add(m * m));
        let held = place(y.ptr, work.add(m * m + n * n));
        store(r.t(), r_columns);
        store(s.t(), s_columns);
        conjugate(work, m * m + n * n);
        store(f, held);
        let adjoint = if T::COMPLEX { b'C' } else { b'T' };
        let (m, n) = (int(m), int(n));
        let (info, scale) = T::trsyl(b'N', adjoint, n, m, s_columns, n, r_columns, m, held, n);
        if info != 0 {
            return Err(Failure::NoSolution);
        }
        unscale(held, y.rows * y.cols, scale);
        store(MatRef::row_major(held, y.rows, y.cols), y.ptr);
    }
    Ok(())
}

/// Divides numbers by what trsyl multiplied them with.
unsafe fn unscale<T: Scalar>(numbers: *mut T, count: usize, scale: T::Part) {
    if scale != <T::Part as Scalar>::ONE {
        // SAFETY: the caller's.
        for z in unsafe { slice_mut(numbers, count) } {
            let [re, im] = z.parts();
            *z = T::new(re / scale, im / scale);
        }
    }
}

/// The principal square root of a matrix without eigenvalues at 0, of a real one on the negative real axis: by the Schur form.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Sqrtm`].
pub unsafe fn sqrtm<T: Scalar>(a: MatRef<T>, x: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(x.is_row_major() && x.rows == n && x.cols == n);
    let (t, rest) = split(Routine::Sqrtm, n, n, work);
    // SAFETY: the result and the workspace are the caller's: three matrices and what `columns` takes. A real number is its own
    // part.
    unsafe {
        let (z, scratch) = (t.add(n * n), t.add(2 * n * n));
        columns(a, t, z, rest)?;
        if T::COMPLEX {
            root_triangular(t, n)?;
        } else {
            root::<T::Part>(t.cast(), n, 0, n, scratch.cast())?;
        }
        let columns = MatRef::row_major(z, n, n).t();
        gemm(columns, MatRef::row_major(t, n, n).t(), MatMut::row_major(scratch, n, n));
        conjugate(z, n * n);
        gemm(MatRef::row_major(scratch, n, n), columns.t(), x);
    }
    Ok(())
}

/// The square root of a complex triangular matrix of order `n` in columns, in place: the root is triangular and has the roots of
/// the diagonal on its own (Bjorck, Hammarling 1983).
unsafe fn root_triangular<T: Scalar>(t: *mut T, n: usize) -> Result<(), Failure> {
    for j in 0..n {
        // SAFETY: what is above the diagonal in a column, and in one before it.
        let column = unsafe { slice_mut(t.add(j * n), j + 1) };
        column[j] = root_of(column[j]);
        if column[j] == T::ZERO {
            return Err(Failure::NoSolution);
        }
        for i in (0..j).rev() {
            // SAFETY: as above, and i < j.
            let known = unsafe { from_raw_parts(t.add(i * n), i + 1) };
            let gap = known[i] + column[j];
            if gap == T::ZERO {
                return Err(Failure::NoSolution);
            }
            let element = column[i] / gap;
            column[i] = element;
            column.iter_mut().zip(&known[..i]).for_each(|(x, r)| *x = *x - *r * element);
        }
        // LAPACK leaves zeros below the diagonal.
    }
    Ok(())
}

/// The square root whose real part is not negative.
fn root_of<T: Scalar>(z: T) -> T {
    let [re, im] = z.parts();
    let (zero, half) = (<T::Part as Scalar>::ZERO, T::Part::from_f64(0.5));
    let larger = (half * re.hypot(im) + half * re.abs()).sqrt();
    if larger == zero {
        return T::ZERO;
    }
    let smaller = half * im / larger;
    match () {
        () if re >= zero => T::new(larger, smaller),
        () if im < zero => T::new(-smaller, -larger),
        () => T::new(smaller, larger),
    }
}

/// The square root of the block `start..end` of a real quasi-triangular matrix of order `n` in columns, in place: by halves and
/// Sylvester's equation (Deadman, Higham, Ralha 2013), so that no 2 x 2 block is in the way.
unsafe fn root<T: Real>(t: *mut T, n: usize, start: usize, end: usize, scratch: *mut T) -> Result<(), Failure> {
    let at = |i: usize, j: usize| t.wrapping_add(i + j * n);
    // SAFETY: elements of the caller's matrix, and a scratch of as many. The recursion is as deep as the order has bits.
    unsafe {
        match end - start {
            0 => return Ok(()),
            1 => {
                let x = *at(start, start);
                if x <= T::ZERO {
                    return Err(Failure::NoSolution);
                }
                *at(start, start) = x.sqrt();
                return Ok(());
            }
            2 if *at(start + 1, start) != T::ZERO => {
                // Eigenvalues c +- i d; a + i b is the root of one of them, with a > 0.
                let (c, upper, lower) = (*at(start, start), *at(start, start + 1), *at(start + 1, start));
                let two = T::ONE + T::ONE;
                let d = upper.abs().sqrt() * lower.abs().sqrt();
                let modulus = c.hypot(d);
                let a = match c > T::ZERO {
                    true => ((modulus + c) / two).sqrt(),
                    false => d / (two * ((modulus - c) / two).sqrt()),
                };
                (*at(start, start), *at(start + 1, start + 1)) = (a, a);
                *at(start, start + 1) = upper / (two * a);
                *at(start + 1, start) = lower / (two * a);
                return Ok(());
            }
            _ => {}
        }
        // No 2 x 2 block is cut.
        let middle = start + (end - start) / 2;
        let middle = middle + usize::from(*at(middle, middle - 1) != T::ZERO);
        root(t, n, start, middle, scratch)?;
        root(t, n, middle, end, scratch)?;
        // R11 R12 + R12 R22 = T12.
        let (rows, cols) = (middle - start, end - middle);
        for j in 0..cols {
            scratch.add(j * rows).copy_from_nonoverlapping(at(start, middle + j), rows);
        }
        let (first, second) = (at(start, start), at(middle, middle));
        let order = int(n);
        let (info, scale) = T::trsyl(b'N', b'N', int(rows), int(cols), first, order, second, order, scratch, int(rows));
        if info != 0 {
            return Err(Failure::NoSolution);
        }
        unscale(scratch, rows * cols, scale);
        for j in 0..cols {
            at(start, middle + j).copy_from_nonoverlapping(scratch.add(j * rows), rows);
        }
    }
    Ok(())
}
