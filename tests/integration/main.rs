//! Tests of the whole, in Rust: one module for each subject.

mod app;
mod cache;
mod edge;
mod file_circles;
mod filter;
mod guest;
mod http;
mod node;
mod package_locks;
mod program;
mod readme;
mod release;
mod shop;
#[cfg(unix)]
mod small_disk;
mod theme_words;
