use super::*;

#[test]
fn both_versions_give_the_same_game() {
    let payoffs = r#"NFG 1 R "A \"quoted\" \ title" { "Row" "Column" } { 2 3 }
        1 2  .5 -3  1/3 +4  5. 6e0  7 8  1E1 -2/4"#;
    let outcomes = r#"NFG 1 D "A \"quoted\" \ title" { "Row" "Column" }
        { { "1" "2" } { "1" "2" "3" } } "a comment"
        { { "a" 1, 2 } { "" 0.5, -3 } { "c" 1/3 4 } { "d" 5 6 } { "e" 7 8 } { "f" 10 -0.5 } }
        1 2 3 4 5 6"#;
    let game = read(payoffs).expect("a valid file");
    assert_eq!(read(outcomes), Ok(game.clone()));
    assert_eq!(game.title, "A \"quoted\" \\ title");
    assert_eq!(game.payoff(2, 0), 1.0 / 3.0);
    assert_eq!(game.payoff(5, 1), -0.5);
    assert_eq!(read(&write(&game)), Ok(game));
}

#[test]
fn numbers_survive_writing() {
    let numbers = [1e300, -1e-300, 0.1, 123_456_789.125, 1e15, -0.0, 5e-324, f64::MAX];
    let player = Player { name: "one".into(), strategies: vec![String::new(); numbers.len()] };
    let game = Game::new("numbers", vec![player], numbers.to_vec()).expect("a valid game");
    assert_eq!(read(&write(&game)), Ok(game));
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    let start = "NFG 1 R \"g\" { \"a\" \"b\" } { 2 2 }\n";
    let cases = [
        ("EFG 2 R", (1, 1), "`NFG` is expected here"),
        ("NFG 2 R", (1, 5), "`version 1` is expected here"),
        ("NFG 1 R g", (1, 9), "a quotation mark is expected here"),
        ("NFG 1 R \"g", (1, 9), "this quotation mark is never closed"),
        ("NFG 1 R \"g\" { \"a\" \"b\"", (1, 22), "the file ends within braces"),
        ("NFG 1 R \"g\" { \"a\" \"b\" } { 2 x }", (1, 29), "`x` is not a number of strategies"),
        (
            "NFG 1 R \"g\" { \"a\" \"b\" } { 2 2 2 }",
            (1, 25),
            "strategies of 3 players, but 2 names",
        ),
        ("NFG 1 R \"g\" { \"a\" \"b\" } { 2 0 }", (1, 25), "player 2 has no strategies"),
        ("NFG 1 R \"g\" { } { }", (1, 17), "a game needs players"),
        (
            "NFG 1 R \"g\" { \"a\" \"b\" \"c\" } { 1000 1000 1000 }",
            (1, 29),
            "3000000000 payoffs are too many; profiles times players may be at most 4194304",
        ),
        ("NFG 1 R \"g\" { \"a\" } { 4000000 }\n1", (2, 2), "the file ends after 1 payoffs"),
        (&format!("{start}1 2 3 4 5 6 7"), (2, 14), "the file ends after 7 payoffs"),
        (&format!("{start}1 2 3 4 5 6 7 8 9"), (2, 17), "more payoffs than profiles times players"),
        (&format!("{start}1 2 3 4 5 NaN 7 8"), (2, 11), "`NaN` is not a number"),
        (&format!("{start}1 2 3 4 5 1e999 7 8"), (2, 11), "`1e999` is not a finite number"),
        (&format!("{start}1 2 3 4 5 1/0 7 8"), (2, 11), "`1/0` is not a finite number"),
        (&format!("{start}1 2 3 4 }} 6 7 8"), (2, 9), "a payoff is expected here"),
        (&format!("{start}{{ {{ \"x\" 1 }} }} 1 1 1 1"), (2, 3), "1 payoffs for 2 players"),
        (
            &format!("{start}{{ {{ \"x\" 1 2 }} }} 1 1 2 1"),
            (2, 21),
            "the outcome of profile 3 is expected here",
        ),
        (
            &format!("{start}{{ {{ \"x\" 1 2 }} }} 1 1 1 1 1"),
            (2, 25),
            "more outcomes than profiles",
        ),
        ("", (1, 1), "`NFG` is expected here"),
    ];
    for (text, place, message) in cases {
        let error = read(text).expect_err(text);
        assert_eq!((error.position(text), error.message.as_str()), (place, message), "{text}");
    }
}

#[test]
fn no_text_makes_the_reader_panic() {
    let text =
        "NFG 1 R \"é \\\" x\" { \"a\" \"b\" } { { \"ü\" \"y\" } 2 } \"c\"\n1/3 2e5 -3 4 5 6 7 8";
    for (at, _) in text.char_indices() {
        let _ = read(&text[..at]).map_err(|e| (e.position(text), e.to_string()));
        for extra in ["{", "}", "\"", "\\", "1", " ", "é", "1e999"] {
            let changed = format!("{}{extra}{}", &text[..at], &text[at..]);
            let _ = read(&changed).map_err(|e| (e.position(&changed), e.to_string()));
        }
    }
}

/// Backslashes stand for themselves as Gambit has them, and every name comes back.
#[test]
fn names_with_backslashes_come_back() {
    let names = [r"a\b", r"a\\b", r"\", r"\\", r#"say \"no\" or \\"yes"#, r#"""#, "plain"];
    for name in names {
        let text = format!("NFG 1 R {} {{ \"A\" }} {{ 1 }} 0", quoted(name));
        assert_eq!(read(&text).map(|game| game.title).as_deref(), Ok(name), "{text}");
    }
    assert_eq!(quoted(r"a\b"), r#""a\b""#);
}

#[test]
fn ratios_of_long_whole_numbers_are_read() {
    let (above, below) = (format!("1{}", "0".repeat(400)), format!("4{}", "0".repeat(400)));
    let text = format!("NFG 1 R \"g\" {{ \"A\" }} {{ 2 }} {above}/{below} -{above}/{below}");
    let game = read(&text).expect("a game");
    assert_eq!(game.payoffs_of(0), [0.25, -0.25]);
    let text = format!("NFG 1 R \"g\" {{ \"A\" }} {{ 1 }} {above}");
    assert!(read(&text).expect_err("too large").message.ends_with("is not a finite number"));
}
