use super::*;

const HOST: &str = "127.0.0.1:4711";
const ORIGIN: &str = "http://127.0.0.1:4711";
const TOKEN_GIVEN: &str = "0123456789abcdef0123456789abcdef";

fn gate() -> Gate {
    Gate { host: HOST.to_string(), token: TOKEN_GIVEN.to_string() }
}

/// The headers of the page.
fn own() -> Vec<(&'static str, &'static str)> {
    vec![
        ("Host", HOST),
        ("Origin", ORIGIN),
        ("X-Detente-Token", TOKEN_GIVEN),
        ("Content-Type", "application/json"),
        ("Content-Length", "2"),
    ]
}

fn with(name: &str, value: Option<&'static str>) -> Vec<(&'static str, &'static str)> {
    let mut all = own();
    match value {
        None => all.retain(|(known, _)| *known != name),
        Some(value) => all.iter_mut().filter(|(known, _)| *known == name).for_each(|h| h.1 = value),
    }
    all
}

fn request(line: &str, headers: &[(&str, &str)], body: &str) -> Result<Asked, Refused> {
    let headers: String =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    gate().read(&mut format!("{line} HTTP/1.1\r\n{headers}\r\n{body}").as_bytes())
}

fn status(line: &str, headers: &[(&str, &str)], body: &str) -> u16 {
    request(line, headers, body).map_or_else(|refused| refused.0, |_| 200)
}

#[test]
fn the_page_and_its_verbs_are_served() {
    assert_eq!(request("GET /", &[("Host", HOST)], ""), Ok(Asked::Page));
    let verb = Asked::Verb("replay".to_string(), b"{}".to_vec());
    assert_eq!(request("POST /api/replay", &own(), "{}"), Ok(verb));
}

#[test]
fn another_host_is_refused() {
    for host in ["localhost:4711", "127.0.0.1", "127.0.0.1:4712", "evil.example:4711", "[::1]:4711"]
    {
        assert_eq!(status("GET /", &[("Host", host)], ""), 421, "{host}");
        assert_eq!(status("POST /api/replay", &with("Host", Some(host)), "{}"), 421, "{host}");
    }
    assert_eq!(status("GET /", &[], ""), 421);
    let mut two = own();
    two.push(("Host", HOST));
    assert_eq!(status("POST /api/replay", &two, "{}"), 400);
}

#[test]
fn another_origin_is_refused() {
    for origin in ["http://evil.example", "null", "https://127.0.0.1:4711", "http://127.0.0.1"] {
        let headers = with("Origin", Some(origin));
        assert_eq!(status("POST /api/replay", &headers, "{}"), 403, "{origin}");
        assert_eq!(status("GET /", &[("Host", HOST), ("Origin", origin)], ""), 403, "{origin}");
    }
    assert_eq!(status("POST /api/replay", &with("Origin", None), "{}"), 403);
    let mut foreign = own();
    foreign.push(("Sec-Fetch-Site", "cross-site"));
    assert_eq!(status("POST /api/replay", &foreign, "{}"), 403);
}

#[test]
fn without_the_token_nothing_is_done() {
    assert_eq!(status("POST /api/replay", &with("X-Detente-Token", None), "{}"), 401);
    for token in ["", "0123456789abcdef0123456789abcdee", "0123456789abcdef0123456789abcdef0"] {
        let headers = with("X-Detente-Token", Some(token));
        assert_eq!(status("POST /api/replay", &headers, "{}"), 401, "{token}");
    }
    let form = with("Content-Type", Some("application/x-www-form-urlencoded"));
    assert_eq!(status("POST /api/replay", &form, "{}"), 415);
}

#[test]
fn requests_have_at_most_64_kilobytes() {
    let large = "x".repeat(MOST);
    assert_eq!(status("POST /api/replay", &with("Content-Length", Some("65536")), &large), 413);
    let endless = with("Content-Length", Some("99999999999999999999999"));
    assert_eq!(status("POST /api/replay", &endless, "{}"), 413);
    let header = "y".repeat(MOST);
    assert_eq!(status("GET /", &[("Host", HOST), ("X", &header)], ""), 413);
    assert_eq!(status("POST /api/replay", &with("Content-Length", None), "{}"), 411);
    for length in ["-1", "+2", "2 ", "0x2", ""] {
        let found = status("POST /api/replay", &with("Content-Length", Some(length)), "{}");
        assert!(matches!(found, 200 | 400 | 411), "{length}: {found}");
        assert!(found != 200 || length.trim() == "2", "{length}");
    }
    let mut chunked = own();
    chunked.push(("Transfer-Encoding", "chunked"));
    assert_eq!(status("POST /api/replay", &chunked, "{}"), 411);
    assert_eq!(status("POST /api/replay", &own(), "{} GET /"), 400);
    assert_eq!(status("POST /api/replay", &own(), "{"), 400);
}

#[test]
fn no_path_leads_anywhere() {
    let paths =
        ["/etc/passwd", "/../Cargo.toml", "/%2e%2e/x", "//", "/index.html", "/?x", "http://a/"];
    for path in paths {
        assert_eq!(status(&format!("GET {path}"), &[("Host", HOST)], ""), 404, "{path}");
        assert_eq!(status(&format!("POST {path}"), &own(), "{}"), 404, "{path}");
    }
    for method in ["PUT", "DELETE", "OPTIONS", "HEAD", "CONNECT"] {
        assert_eq!(status(&format!("{method} /"), &[("Host", HOST)], ""), 405, "{method}");
    }
    for line in ["", "GET", "GET  ", "\0", "GET / HTTP/9"] {
        assert_eq!(status(line, &[("Host", HOST)], ""), 400, "{line:?}");
    }
}
