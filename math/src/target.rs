//! The instruction sets that blocks are compiled for, and which of them runs.

use std::sync::OnceLock;

/// An instruction set that blocks are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// What every machine of the architecture has: 128-bit vectors on x86-64 and (NEON) on AArch64.
    Baseline,
    /// x86-64 with AVX2 and FMA: 256 bits.
    Avx2,
    /// x86-64 with AVX-512 F, DQ, VL and BW: 512 bits.
    Avx512,
}

impl Target {
    /// All of them, narrow ones first.
    pub const ALL: [Target; 3] = [Target::Baseline, Target::Avx2, Target::Avx512];

    /// The environment variable that holds the name of the widest target to use: a switch for tests and measurements.
    pub const VARIABLE: &str = "EVANESCE_SIMD";

    /// Its name, as [`Target::VARIABLE`] spells it.
    pub fn name(self) -> &'static str {
        match self {
            Target::Baseline => "baseline",
            Target::Avx2 => "avx2",
            Target::Avx512 => "avx512",
        }
    }

    /// The target of a name.
    pub fn by_name(name: &str) -> Option<Target> {
        Target::ALL.into_iter().find(|target| target.name() == name)
    }

    /// Whether this machine has it.
    #[inline]
    pub fn is_available(self) -> bool {
        match self {
            Target::Baseline => true,
            #[cfg(target_arch = "x86_64")]
            Target::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Target::Avx512 => {
                Target::Avx2.is_available()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512bw")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Target::Avx2 | Target::Avx512 => false,
        }
    }

    /// The widest that this machine has and `EVANESCE_SIMD` allows. The variable is read once, by the first call; a value
    /// that names no target is reported on standard error and changes nothing.
    #[inline]
    pub fn best() -> Target {
        static BEST: OnceLock<Target> = OnceLock::new();
        *BEST.get_or_init(|| {
            let asked = std::env::var(Target::VARIABLE).unwrap_or_default();
            let limit = Target::by_name(&asked).unwrap_or(Target::Avx512);
            if !asked.is_empty() && Target::by_name(&asked).is_none() {
                let names = Target::ALL.map(Target::name).join(", ");
                eprintln!("{}={asked} is none of {names}: it changes nothing", Target::VARIABLE);
            }
            let allowed = Target::ALL.into_iter().filter(|&target| target <= limit);
            allowed.rev().find(|target| target.is_available()).unwrap_or(Target::Baseline)
        })
    }
}
