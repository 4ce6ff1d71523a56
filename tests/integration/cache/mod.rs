//! The cache with other nodes: a real Redis between them, which is killed, stopped and started again.

mod node;
mod redis_server;
mod shared;
