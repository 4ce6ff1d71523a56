//! The `protium` command.

pub mod import;
