//! Raw strided matrix views, and how they look to BLAS.

/// A strided matrix view in raw form; strides in elements, may be negative, zero or anything.
#[derive(Clone, Copy, Debug)]
pub struct MatRef<T> {
    /// The element (0, 0).
    pub ptr: *const T,
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub cols: usize,
    /// From one row to the next, in elements.
    pub rs: isize,
    /// From one column to the next, in elements.
    pub cs: isize,
}

/// A writable [`MatRef`]. Results are row-major and contiguous, `rs == cols` and `cs == 1`, but for products.
#[derive(Clone, Copy, Debug)]
pub struct MatMut<T> {
    /// The element (0, 0).
    pub ptr: *mut T,
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub cols: usize,
    /// From one row to the next, in elements.
    pub rs: isize,
    /// From one column to the next, in elements.
    pub cs: isize,
}

impl<T: Copy> MatRef<T> {
    /// A contiguous row-major view.
    #[inline(always)]
    pub fn row_major(ptr: *const T, rows: usize, cols: usize) -> Self {
        Self { ptr, rows, cols, rs: cols as isize, cs: 1 }
    }

    /// The transposed view.
    #[inline(always)]
    pub fn t(self) -> Self {
        Self { ptr: self.ptr, rows: self.cols, cols: self.rows, rs: self.cs, cs: self.rs }
    }

    #[inline(always)]
    pub(crate) fn at(self, i: usize, j: usize) -> *const T {
        self.ptr.wrapping_offset(i as isize * self.rs + j as isize * self.cs)
    }

    /// Both directions reversed: a lower triangle becomes an upper one.
    #[inline(always)]
    pub(crate) fn reversed(self) -> Self {
        if self.rows == 0 || self.cols == 0 {
            return self;
        }
        Self { ptr: self.at(self.rows - 1, self.cols - 1), rs: -self.rs, cs: -self.cs, ..self }
    }

    /// From one row to the next where BLAS can address contiguous rows: see [`layout`].
    pub(crate) fn row_stride(self) -> Option<i32> {
        row_stride(self.rows, self.cols, self.rs, self.cs)
    }

    /// How BLAS takes the matrix: see [`layout`].
    pub(crate) fn layout(self) -> Option<Layout> {
        layout(self.rows, self.cols, self.rs, self.cs)
    }
}

impl<T: Copy> MatMut<T> {
    /// A contiguous row-major view.
    #[inline(always)]
    pub fn row_major(ptr: *mut T, rows: usize, cols: usize) -> Self {
        Self { ptr, rows, cols, rs: cols as isize, cs: 1 }
    }

    /// The view for reading.
    #[inline(always)]
    pub fn as_ref(self) -> MatRef<T> {
        MatRef { ptr: self.ptr, rows: self.rows, cols: self.cols, rs: self.rs, cs: self.cs }
    }

    /// The transposed view.
    #[inline(always)]
    pub(crate) fn t(self) -> Self {
        Self { ptr: self.ptr, rows: self.cols, cols: self.rows, rs: self.cs, cs: self.rs }
    }

    /// Whether the contiguous direction is along the rows; otherwise a product is taken with all of its matrices transposed,
    /// `C' = B' A'`. So is a row that is a product with a column.
    #[inline(always)]
    pub(crate) fn is_by_rows(self) -> bool {
        self.cols <= 1 || (self.rows != 1 && self.cs == 1)
    }

    /// From one row to the next for BLAS, the rows contiguous: it looks at it where there is one row, too.
    #[inline(always)]
    pub(crate) fn ld(self) -> i32 {
        let ld = if self.rows <= 1 { self.cols } else { self.rs as usize };
        i32::try_from(ld).expect("sizes and strides within LAPACK's")
    }

    #[inline(always)]
    pub(crate) fn row(self, i: usize) -> *mut T {
        self.ptr.wrapping_offset(i as isize * self.rs)
    }

    pub(crate) fn is_row_major(self) -> bool {
        (self.rows <= 1 || self.rs == self.cols as isize) && (self.cols <= 1 || self.cs == 1)
    }
}

/// A matrix as BLAS addresses it: which direction is contiguous, and the stride of the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Layout {
    /// Rows are contiguous, `ld` apart: to Fortran, the transposed matrix.
    Rows { ld: i32 },
    /// Columns are contiguous, `ld` apart: to Fortran, the matrix itself.
    Cols { ld: i32 },
}

/// The layout of a matrix with these strides, if BLAS can address it. The stride of a direction with
/// at most one element does not matter.
pub(crate) fn layout(rows: usize, cols: usize, rs: isize, cs: isize) -> Option<Layout> {
    let columns = || row_stride(cols, rows, cs, rs).map(|ld| Layout::Cols { ld });
    row_stride(rows, cols, rs, cs).map(|ld| Layout::Rows { ld }).or_else(columns)
}

/// From one row to the next of a matrix with contiguous rows, if BLAS can address it.
fn row_stride(rows: usize, cols: usize, rs: isize, cs: isize) -> Option<i32> {
    let least = i32::try_from(cols.max(1)).ok()?;
    i32::try_from(rows).ok()?;
    let ld = if rows <= 1 { least } else { i32::try_from(rs).ok()? };
    ((cols <= 1 || cs == 1) && ld >= least).then_some(ld)
}

/// Moves any matrix into row-major contiguous memory; nothing to do when it is there already.
///
/// # Safety
/// `a` is readable, `dst` writable for all its elements; they are the same matrix or disjoint.
pub(crate) unsafe fn store<T: Copy>(a: MatRef<T>, dst: *mut T) {
    const BLOCK: usize = 16;
    let (m, n) = (a.rows, a.cols);
    if a.ptr == dst.cast_const() {
        return;
    }
    if n <= 1 || a.cs == 1 {
        let (rows, len) = if m <= 1 || a.rs == n as isize { (m.min(1), m * n) } else { (m, n) };
        for i in 0..rows {
            // SAFETY: the rows of both are contiguous; where all is contiguous, one row is all.
            unsafe { dst.add(i * n).copy_from_nonoverlapping(a.at(i, 0), len) };
        }
        return;
    }
    for top in (0..m).step_by(BLOCK) {
        for j in 0..n {
            for i in top..m.min(top + BLOCK) {
                // SAFETY: i < rows and j < cols.
                unsafe { *dst.add(i * n + j) = *a.at(i, j) };
            }
        }
    }
}

/// Moves the transpose of a square row-major matrix, each element through `f`, into another one or itself.
///
/// # Safety
/// Both are valid for their elements; they are the same matrix or disjoint.
pub(crate) unsafe fn transpose<T: Copy>(from: *const T, to: MatMut<T>, f: impl Fn(T) -> T) {
    let n = to.rows;
    for i in 0..n {
        for j in 0..=i {
            // SAFETY: i, j < n.
            unsafe {
                let (lower, upper) = (*from.add(i * n + j), *from.add(j * n + i));
                *to.row(i).add(j) = f(upper);
                *to.row(j).add(i) = f(lower);
            }
        }
    }
}
