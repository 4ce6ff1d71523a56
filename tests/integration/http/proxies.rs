//! What proxies say, who is believed, and a real nginx with the configuration that the documents
//! show.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use super::{exchange, serve, variant};
use crate::program::{Answer, Ending, Running, SOON};

/// A page for somebody who sends these headers.
fn page(server: &Running, path: &str, headers: &str) -> String {
    let head =
        format!("GET {path} HTTP/1.1\r\nConnection: close\r\nAccept: text/html\r\n{headers}\r\n");
    exchange(&mut server.connect(), head.as_bytes())
}

fn canonical(page: &str) -> &str {
    let link = page.split("<link rel=\"canonical\" href=\"").nth(1);
    link.and_then(|rest| rest.split('"').next())
        .unwrap_or_default()
}

/// The answer to a form that a visitor's browser sends with these headers.
fn form(server: &Running, headers: &str) -> Answer {
    let variant = variant(server);
    let body = format!("variant_id={variant}");
    let length = body.len();
    let request = format!(
        "POST /cart/add HTTP/1.1\r\nConnection: close\r\nContent-Type: \
         application/x-www-form-urlencoded\r\n\
         Cookie: other=1\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    let mut stream = server.connect();
    std::io::Write::write_all(&mut stream, request.as_bytes()).expect("it reads");
    Answer::read(stream)
}

#[test]
fn an_honest_form_behind_a_proxy_is_accepted_and_its_cookie_is_secure() {
    let (running, _data) = serve(&[]);
    let host = "Host: 127.0.0.1:3000\r\nOrigin: https://shop.example\r\n";
    assert_eq!(form(&running, host).status, 403);
    for said in [
        "X-Forwarded-Host: shop.example\r\nX-Forwarded-Proto: HTTPS\r\n",
        "X-Forwarded-Host: shop.example\r\nX-Forwarded-Proto: https, http\r\n",
        "Forwarded: for=192.0.2.1;host=shop.example;proto=https\r\n",
        "Forwarded: for=\"[2001:db8::1]\";host=\"shop.example:443\";proto=Https, for=127.0.0.1\r\n",
    ] {
        let answer = form(&running, &format!("{host}{said}"));
        assert_eq!(answer.status, 303, "{said}");
        assert!(answer.header("set-cookie").contains("; Secure"), "{said}");
    }
    let http = form(
        &running,
        &format!("{host}X-Forwarded-Host: shop.example\r\nX-Forwarded-Proto: http\r\n"),
    );
    assert!(!http.header("set-cookie").contains("; Secure"));
}

#[test]
fn a_form_is_accepted_from_the_shops_own_url_whatever_became_of_host() {
    let (running, _data) = serve(&[("PROTIUM_SHOP_URL", "https://Shop.example/")]);
    let host = "Host: 127.0.0.1:3000\r\n";
    let own = form(&running, &format!("{host}Origin: https://shop.example\r\n"));
    assert_eq!(own.status, 303);
    let other = form(&running, &format!("{host}Origin: https://evil.example\r\n"));
    assert_eq!(other.status, 403);
    let shown = page(&running, "/", "Host: 127.0.0.1:3000\r\n");
    assert_eq!(canonical(&shown), "https://Shop.example/");
}

#[test]
fn a_stranger_is_not_believed() {
    let (running, _data) = serve(&[("PROTIUM_TRUSTED_PROXIES", "192.0.2.0/24")]);
    let said =
        "Host: shop.example\r\nX-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\n";
    assert_eq!(
        form(&running, &format!("{said}Origin: https://evil.example\r\n")).status,
        403
    );
    assert_eq!(
        form(&running, &format!("{said}Origin: http://shop.example\r\n")).status,
        303
    );
    assert_eq!(
        canonical(&page(&running, "/", said)),
        "http://shop.example/"
    );
}

#[test]
fn a_kept_page_has_the_address_of_whoever_asks_and_of_nobody_else() {
    // Nothing but these requests has the page made again.
    let (running, _data) = serve(&[("PROTIUM_PREWARM_ENABLED", "off")]);
    let path = "/collections/all";
    let warm = page(&running, path, "Host: first.example\r\n");
    assert_eq!(canonical(&warm), "http://first.example/collections/all");
    let added = form(
        &running,
        "Host: shop.example\r\nOrigin: http://shop.example\r\n",
    );
    let cart = added
        .header("set-cookie")
        .split(';')
        .next()
        .expect("a cookie")
        .to_owned();
    for round in 0..3 {
        for host in [
            "shop.example",
            "www.shop.example:8080",
            "evil.example",
            "xn--e1afmkfd.example",
            "[::1]:3000",
        ] {
            let said = [
                (format!("Host: {host}\r\n"), "http"),
                (
                    format!("Host: {host}\r\nX-Forwarded-Proto: https\r\n"),
                    "https",
                ),
                (
                    format!("Host: {host}\r\nCookie: {cart}\r\nAccept-Encoding: identity\r\n"),
                    "http",
                ),
                (
                    format!(
                        "Host: inner\r\nX-Forwarded-Host: {}\r\n",
                        host.to_uppercase()
                    ),
                    "http",
                ),
            ];
            for (headers, scheme) in said {
                let shown = page(&running, path, &headers);
                assert!(shown.contains("; hit"), "{round} {headers}");
                assert_eq!(
                    canonical(&shown),
                    format!("{scheme}://{host}{path}"),
                    "{headers}"
                );
                assert_eq!(shown.matches(host).count(), 1, "{headers}");
            }
        }
    }
    // What is no host is in no page.
    for host in [
        "\"><script>alert(1)</script>",
        "a b",
        "user@evil.example",
        "evil.example/x",
        "",
    ] {
        let shown = page(
            &running,
            path,
            &format!("Host: inner.example\r\nX-Forwarded-Host: {host}\r\n"),
        );
        assert!(
            !shown.contains("alert(1)") && !shown.contains("evil"),
            "{shown}"
        );
    }
    let without = exchange(
        &mut running.connect(),
        b"GET /collections/all HTTP/1.0\r\n\r\n",
    );
    assert_eq!(canonical(&without), path);
    // Each of them is the same bytes as before, compressed or not, and has a tag of its own.
    let tag = |host: &str| {
        let shown = page(&running, path, &format!("Host: {host}\r\n"));
        let tag = shown
            .split("\r\netag: ")
            .nth(1)
            .and_then(|rest| rest.lines().next());
        tag.expect("a tag").to_owned()
    };
    assert_eq!(tag("shop.example"), tag("shop.example"));
    assert_ne!(tag("shop.example"), tag("evil.example"));
}

/// The document's nginx, in front of this server: only addresses and files of this test are put in
/// place of its own.
struct Nginx {
    address: SocketAddr,
    _process: Ending,
    _directory: TempDir,
}

impl Nginx {
    fn start(shop: SocketAddr) -> Nginx {
        let program = tests::packages::program("nginx", "nginx-light").expect("nginx");
        let directory = TempDir::new().expect("a directory");
        let here = directory.path();
        certificate(here);
        let address = free_address();
        let document = tests::workspace::path("framework/docs/behind-a-proxy.md");
        let document = std::fs::read_to_string(document).expect("the document");
        let block = document.split("```nginx\n").nth(1);
        let block = block
            .and_then(|rest| rest.split("```").next())
            .expect("its configuration");
        let mut block = block.to_owned();
        for (theirs, ours) in [
            ("listen 443 ssl;", format!("listen {address} ssl;")),
            ("listen 80;", format!("listen {};", free_address())),
            ("server 127.0.0.1:3000;", format!("server {shop};")),
            (
                "/etc/ssl/shop.example.pem",
                format!("{}/cert.pem", here.display()),
            ),
            (
                "/etc/ssl/private/shop.example.key",
                format!("{}/key.pem", here.display()),
            ),
        ] {
            assert!(block.contains(theirs), "{theirs}");
            block = block.replace(theirs, &ours);
        }
        let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|name| format!("{name}_temp_path {}/{name};\n", here.display()))
            .collect();
        let configuration = format!(
            "daemon off;\nmaster_process off;\npid {}/pid;\nevents {{}}\nhttp {{\naccess_log \
             off;\n{paths}{block}}}\n",
            here.display()
        );
        let file = here.join("nginx.conf");
        std::fs::write(&file, configuration).expect("written");
        let mut command = Command::new(program);
        command
            .arg("-e")
            .arg(here.join("error.log"))
            .arg("-p")
            .arg(here)
            .arg("-c")
            .arg(file);
        let process = command.stdin(Stdio::null()).spawn().expect("nginx");
        let nginx = Nginx {
            address,
            _process: Ending(process),
            _directory: directory,
        };
        let limit = Instant::now() + SOON;
        while std::net::TcpStream::connect(address).is_err() {
            assert!(Instant::now() < limit, "nginx does not listen");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        nginx
    }

    /// What a visitor's browser gets for `https://shop.example:PORT` and this path.
    fn curl(&self, path: &str, arguments: &[&str]) -> String {
        let port = self.address.port();
        let output = Command::new("curl")
            .args([
                "--silent",
                "--insecure",
                "--include",
                "--max-time",
                "30",
                "--http1.1",
            ])
            .args(["--resolve", &format!("shop.example:{port}:127.0.0.1")])
            .args(arguments)
            .arg(format!("https://shop.example:{port}{path}"))
            .output()
            .expect("curl");
        assert!(output.status.success(), "{path} {arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What comes back for raw bytes over TLS.
    fn raw(&self, bytes: &[u8]) -> String {
        let mut client = Command::new("openssl")
            .args([
                "s_client",
                "-quiet",
                "-no_ign_eof",
                "-connect",
                &self.address.to_string(),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl");
        let mut stdin = client.stdin.take().expect("a pipe");
        std::io::Write::write_all(&mut stdin, bytes).expect("it reads");
        std::thread::sleep(std::time::Duration::from_millis(1_000));
        drop(stdin);
        let output = client.wait_with_output().expect("openssl");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address")
}

fn certificate(directory: &Path) {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "1",
            "-subj",
            "/CN=shop.example",
        ])
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(directory)
        .stderr(Stdio::null())
        .status();
    assert!(
        made.is_ok_and(|status| status.success()),
        "openssl makes a certificate"
    );
}

#[test]
fn nginx_as_the_document_has_it_lets_honest_visitors_buy() {
    let (running, _data) = serve(&[]);
    let nginx = Nginx::start(running.address);
    let origin = format!("https://shop.example:{}", nginx.address.port());
    for _ in 0..2 {
        let page = nginx.curl("/collections/all", &[]);
        assert_eq!(canonical(&page), format!("{origin}/collections/all"));
    }
    let variant = variant(&running);
    let form = format!("variant_id={variant}");
    let honest = [
        "--data",
        &form,
        "--header",
        &format!("Origin: {origin}"),
        "--cookie",
        "other=1",
    ];
    let added = nginx.curl("/cart/add", &honest);
    assert!(added.starts_with("HTTP/1.1 303 "), "{added}");
    assert!(added.contains("; Secure"), "{added}");
    // Who pretends to be elsewhere, or to be the proxy, is who he is.
    let lies = [
        "X-Forwarded-Host: evil.example",
        "Forwarded: host=evil.example;proto=http",
        "X-Forwarded-Proto: http",
        "X-Forwarded-For: 127.0.0.1",
    ];
    let mut lying: Vec<&str> = lies.iter().flat_map(|lie| ["--header", lie]).collect();
    let page = nginx.curl("/collections/all", &lying);
    assert_eq!(canonical(&page), format!("{origin}/collections/all"));
    lying.extend([
        "--data",
        &form,
        "--header",
        "Origin: https://evil.example",
        "--cookie",
        "other=1",
    ]);
    assert!(nginx.curl("/cart/add", &lying).starts_with("HTTP/1.1 403 "));
    let moved = nginx.curl("/collections/", &[]);
    assert!(moved.starts_with("HTTP/1.1 301 "), "{moved}");
    let moved = moved.to_lowercase();
    let location = moved.split("\r\nlocation: ").nth(1);
    let location = location
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default();
    let to = location.strip_prefix(&origin).unwrap_or(location);
    assert_eq!(to, "/collections/all", "{moved}");
    let coded = nginx.curl("/collections/all", &["--header", "Accept-Encoding: br"]);
    assert!(
        coded.contains("Content-Encoding: br\r\n") || coded.contains("content-encoding: br\r\n"),
        "{coded}"
    );
}

#[test]
fn nothing_is_smuggled_through_nginx() {
    let (running, _data) = serve(&[]);
    let nginx = Nginx::start(running.address);
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    let length = smuggled.len();
    let post = "POST /cart/add HTTP/1.1\r\nHost: shop.example\r\nContent-Type: \
                application/x-www-form-urlencoded\r\n";
    for tried in [
        format!(
            "{post}Content-Length: {length}\r\nTransfer-Encoding: \
             chunked\r\n\r\n0\r\n\r\n{smuggled}"
        ),
        format!("{post}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n{smuggled}"),
        format!("{post}Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{smuggled}"),
        format!("{post}Transfer-Encoding: xchunked\r\nContent-Length: {length}\r\n\r\n{smuggled}"),
        format!("{post}Transfer-Encoding : chunked\r\nContent-Length: {length}\r\n\r\n{smuggled}"),
        format!("{post}Content-Length: +{length}\r\n\r\n{smuggled}"),
        format!("{post}X-Forwarded-Host: a\r\n b\r\nContent-Length: 0\r\n\r\n"),
        format!(
            "GET /search?q=1 HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{smuggled}"
        ),
        "GET /search HTTP/1.1\r\nHost: a\r\nHost: evil.example\r\n\r\n".to_owned(),
        "GET http://evil.example/ HTTP/1.1\r\nHost: shop.example\r\n\r\n".to_owned(),
    ] {
        let answers = nginx.raw(tried.as_bytes());
        // A second request that nginx reads itself is the visitor's own; one that only the shop
        // reads would be answered to somebody else. Either way nobody gets a page that is not his.
        let after = nginx.curl("/healthz", &[]);
        assert!(
            after.starts_with("HTTP/1.1 200 ") && after.ends_with("ok\n"),
            "{tried}\n{after}"
        );
        // 501 is nginx's own.
        for failed in ["500", "502", "504"] {
            let failed = format!("HTTP/1.1 {failed}");
            assert!(!answers.contains(&failed), "{tried}\n{answers}");
        }
        assert!(
            !answers.contains("https://evil.example"),
            "{tried}\n{answers}"
        );
    }
    let large = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nX-Large: {}\r\n\r\n",
        "x".repeat(40_000)
    );
    assert!(nginx.raw(large.as_bytes()).starts_with("HTTP/1.1 4"));
    assert_eq!(running.get("/").status, 200);
}
