//! Tests of the whole, in Rust: one module for each subject.

mod package_locks;
mod shop;
