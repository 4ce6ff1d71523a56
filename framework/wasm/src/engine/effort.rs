//! How much time goes into the native code of a module.

use wasmtime::{Config, OptLevel, RegallocAlgorithm, Strategy};

/// How much time goes into the native code of a module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effort {
    /// It is optimised: slow to make, fast to run.
    #[default]
    Release,
    /// It is made in one pass, in a fraction of the time, and is a few times slower.
    Development,
}

impl Effort {
    /// That of a process in development, or of one that serves visitors.
    pub fn of(dev: bool) -> Effort {
        match dev {
            true => Effort::Development,
            false => Effort::Release,
        }
    }

    /// Sets the compiler.
    pub(super) fn choose_compiler(self, config: &mut Config) {
        let has_baseline = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));
        config.strategy(match self {
            Effort::Development if has_baseline => Strategy::Winch,
            _ => Strategy::Cranelift,
        });
        if self == Effort::Development {
            // Also beside the compiler of one pass: this one makes what calls its functions.
            config
                .cranelift_opt_level(OptLevel::None)
                .cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
        }
    }
}
