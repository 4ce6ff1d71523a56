//! Debian's nginx, with as many workers as the shop has threads, and everything else in favour of
//! its speed.

use std::net::SocketAddr;
use std::ops::Deref;
use std::path::Path;
use std::process::Command;

use super::Server;
use super::server::WORKERS;
use crate::workspace::{create_dir, on_path};
use crate::{Error, Result};

/// An nginx that ends when this is dropped.
pub struct Nginx(Server);

impl Nginx {
    /// Starts one that keeps everything in `directory`. `http` is given its address and makes what
    /// its configuration says inside of `http { }`: servers and upstreams. `health` is a page that
    /// it answers with 200.
    pub fn start(
        directory: &Path,
        health: &str,
        http: impl FnOnce(SocketAddr) -> String,
    ) -> Result<Nginx> {
        // Where Debian has it, which is not on everybody's PATH.
        let program = on_path(&["nginx"]).unwrap_or_else(|| "/usr/sbin/nginx".into());
        let server = Server::start(health, |address| {
            let directory = directory.join(format!("nginx-{}", address.port()));
            create_dir(&directory)?;
            let file = directory.join("nginx.conf");
            let text = configuration(&directory, &http(address));
            std::fs::write(&file, text).map_err(|source| Error::File {
                path: file.clone(),
                source,
            })?;
            let mut command = Command::new(program);
            command.arg("-e").arg(directory.join("error.log"));
            command.arg("-p").arg(&directory).arg("-c").arg(file);
            Ok(command)
        });
        match server {
            Err(Error::Spawn { .. }) => Err(Error::Missing {
                program: "nginx".into(),
                advice: "install the package nginx-light",
            }),
            server => server.map(Nginx),
        }
    }
}

impl Deref for Nginx {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.0
    }
}

fn configuration(directory: &Path, http: &str) -> String {
    let directory = directory.display();
    // Workers that may write into the directory: of another user than root nginx takes no notice of
    // this.
    format!(
        "daemon off;
user root root;
worker_processes {WORKERS};
pid {directory}/pid;
error_log {directory}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  open_file_cache max=1000 inactive=1h;
  client_body_temp_path {directory}/body;
  fastcgi_temp_path {directory}/fastcgi;
  proxy_temp_path {directory}/proxy;
  scgi_temp_path {directory}/scgi;
  uwsgi_temp_path {directory}/uwsgi;
  proxy_cache_path {directory}/cache keys_zone=pages:10m inactive=1h use_temp_path=off;
  proxy_http_version 1.1;
  proxy_set_header Connection \"\";
{http}
}}
"
    )
}
