//! Keyed digests of 128 bits, for what is remembered by its input: nobody who sends input knows the
//! key, so nobody can make two inputs with one digest.

use std::hash::Hash;
use std::sync::OnceLock;

use siphasher::sip128::{Hasher128, SipHasher13};

/// The digest of this value, with a key that this process made. SipHash-1-3 with 128 bits
/// (Aumasson and Bernstein, "SipHash: a fast short-input PRF").
pub fn keyed_digest(value: &impl Hash) -> u128 {
    static KEY: OnceLock<[u8; 16]> = OnceLock::new();
    let key = KEY.get_or_init(|| {
        let mut key = [0; 16];
        #[expect(
            clippy::expect_used,
            reason = "without randomness no digest can be trusted"
        )]
        getrandom::fill(&mut key).expect("the operating system gives random bytes");
        key
    });
    let mut hasher = SipHasher13::new_with_key(key);
    value.hash(&mut hasher);
    hasher.finish128().as_u128()
}
