//! A price aggregator that behaves as a test wants: a real server on a port of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// With a list price of 2000, a price of 1900 in the region, and 10 % off.
    Fine,
    /// After two seconds.
    Slow,
    /// Fine, after 100 milliseconds.
    Leisurely,
    /// It closes the connection before it says a word.
    Refusing,
    /// With status 500.
    Failing,
    /// With the first half of what it announced.
    Half,
    /// With 100 MB that it announces.
    Huge,
    /// With 100 MB that it does not announce.
    Endless,
    /// With something else.
    Nonsense,
    /// With a price that is text.
    WrongTypes,
    /// With the way to another server.
    Redirecting,
}

pub struct Aggregator {
    address: SocketAddr,
    mood: Arc<Mutex<Mood>>,
    asked: Arc<AtomicUsize>,
    skus: Arc<Mutex<Vec<String>>>,
}

impl Aggregator {
    pub fn start() -> Aggregator {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mood = Arc::new(Mutex::new(Mood::Fine));
        let asked = Arc::new(AtomicUsize::new(0));
        let skus = Arc::<Mutex<Vec<String>>>::default();
        let (of, count, names) = (mood.clone(), asked.clone(), skus.clone());
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (of, count, names) = (of.clone(), count.clone(), names.clone());
                let heard = move |request: &str| {
                    count.fetch_add(1, Ordering::Relaxed);
                    if let Some(sku) = request.strip_prefix("GET /list-price?sku=") {
                        let sku = sku.split(' ').next().unwrap_or_default();
                        names.lock().unwrap().push(sku.to_owned());
                    }
                };
                thread::spawn(move || serve(&stream, || *of.lock().unwrap(), heard));
            }
        });
        Aggregator {
            address,
            mood,
            asked,
            skus,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// The SKUs whose list prices were asked for, once for each time.
    pub fn skus(&self) -> Vec<String> {
        self.skus.lock().unwrap().clone()
    }

    /// Requests so far.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// Serves a connection until it breaks.
fn serve(stream: &TcpStream, mood: impl Fn() -> Mood, heard: impl Fn(&str)) {
    let mut lines = BufReader::new(stream);
    loop {
        let mut first = String::new();
        if lines.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        let mut header = String::new();
        while lines.read_line(&mut header).unwrap_or(0) > 2 {
            header.clear();
        }
        heard(&first);
        if answer(stream, &first, mood()).is_none() {
            return;
        }
    }
}

/// Answers one request; `None` when the connection is to be closed.
fn answer(mut stream: &TcpStream, request: &str, mood: Mood) -> Option<()> {
    let body = match request.split(['?', ' ']).nth(1)? {
        "/list-price" => r#"{"price":2000,"currency":"EUR"}"#,
        "/price-list" => r#"{"price":1900,"currency":"EUR"}"#,
        _ => r#"{"promotions":[{"percent":10}]}"#,
    };
    let mut whole = |status: &str, body: &str| {
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + body).as_bytes()).ok()
    };
    match mood {
        Mood::Fine => whole("200 OK", body),
        Mood::Leisurely => {
            thread::sleep(Duration::from_millis(100));
            whole("200 OK", body)
        }
        Mood::Slow => {
            thread::sleep(Duration::from_secs(2));
            whole("200 OK", body)
        }
        Mood::Refusing => None,
        Mood::Failing => whole("500 Internal Server Error", "{}"),
        Mood::Nonsense => whole("200 OK", "<html>It works!"),
        Mood::WrongTypes => whole("200 OK", r#"{"price":"1900","currency":"EUR"}"#),
        Mood::Redirecting => whole("302 Found\r\nlocation: http://127.0.0.1:1/", ""),
        Mood::Half => {
            let half = &body[..body.len() / 2];
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all((head + half).as_bytes()).ok()?;
            None
        }
        Mood::Huge | Mood::Endless => {
            let length = if mood == Mood::Huge {
                "content-length: 100000000\r\n"
            } else {
                "connection: close\r\n"
            };
            stream
                .write_all(format!("HTTP/1.1 200 OK\r\n{length}\r\n").as_bytes())
                .ok()?;
            let spaces = [b' '; 100_000];
            for _ in 0..1_000 {
                stream.write_all(&spaces).ok()?;
            }
            None
        }
    }
}
