//! The chi-square distribution: what consistent filters' squared errors follow.

/// The value that a chi-square variable of `dof` degrees of freedom stays under with this probability.
pub fn quantile(probability: f64, dof: f64) -> f64 {
    let (mut low, mut high) = (0.0, dof + 40.0 * (2.0 * dof).sqrt() + 100.0);
    // 80 halvings are more than a float has bits, whatever the range.
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if lower_gamma(0.5 * dof, 0.5 * middle) < probability { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// Where the mean of `count` variables of `dof` degrees of freedom in all lies in 95 of 100 cases.
pub fn mean_bounds(dof: usize, count: usize) -> [f64; 2] {
    [0.025, 0.975].map(|p| quantile(p, dof as f64) / count as f64)
}

/// The regularised lower incomplete gamma function, by its series or by its continued fraction, where each converges.
fn lower_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let scale = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
        while term > sum * 1e-17 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        scale * sum
    } else {
        // Lentz's method.
        let (mut b, mut c) = (x + 1.0 - a, f64::MAX);
        let mut d = 1.0 / b;
        let mut fraction = d;
        for i in 1..100_000 {
            let an = -f64::from(i) * (f64::from(i) - a);
            b += 2.0;
            d = 1.0 / (an * d + b);
            c = b + an / c;
            fraction *= c * d;
            if (c * d - 1.0).abs() < 1e-16 {
                break;
            }
        }
        1.0 - scale * fraction
    }
}

/// The logarithm of the gamma function of `a > 0`, by Stirling's series for a large argument.
fn ln_gamma(mut a: f64) -> f64 {
    let mut product = 1.0;
    while a < 15.0 {
        product *= a;
        a += 1.0;
    }
    let inverse = 1.0 / (a * a);
    let series = (1.0 / 12.0 - inverse * (1.0 / 360.0 - inverse * (1.0 / 1260.0 - inverse / 1680.0))) / a;
    (a - 0.5) * a.ln() - a + 0.5 * std::f64::consts::TAU.ln() + series - product.ln()
}
