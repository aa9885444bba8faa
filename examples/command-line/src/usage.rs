//! Flags, and what is wrong with them in one line.

use std::env;
use std::error::Error;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Parser};

/// The flags in the words of a command.
pub(crate) fn parse<F: Parser>(words: impl Iterator<Item = String>) -> Result<F, clap::Error> {
    let mut command = F::command().mut_args(|arg: Arg| {
        // A value such as `-1s` is reported with its flag too.
        let takes_values = arg.get_action().takes_values();
        arg.allow_hyphen_values(takes_values)
    });
    let matches = command.try_get_matches_from_mut(words);
    let mut matches = matches.map_err(|error| with_variable(error, &mut command))?;
    F::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

/// Names the variable that is not text. The words of a command are text by now, and clap names none.
fn with_variable(error: clap::Error, command: &mut Command) -> clap::Error {
    if error.kind() != ErrorKind::InvalidUtf8 {
        return error;
    }
    let text = command.get_arguments().find_map(|arg| {
        let name = arg.get_env()?;
        let is_text = env::var_os(name)?.to_str().is_some();
        let name = name.display();
        (!is_text).then(|| format!("invalid value of {name} for '{arg}': expected UTF-8"))
    });
    match text {
        Some(text) => command.error(ErrorKind::InvalidUtf8, text),
        None => error,
    }
}

/// The flag, its value and what is valid; or the first of what clap says. Passwords in URLs are not shown, nor are the
/// values of flags whose names end in `secret`.
pub(crate) fn line(error: &clap::Error) -> String {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let flag = context(ContextKind::InvalidArg);
    let value = context(ContextKind::InvalidValue);
    if let (Some(flag), Some(value), Some(valid)) = (flag, value, error.source()) {
        let name = flag.split(' ').next().unwrap_or_default();
        let is_secret = name.ends_with("secret");
        let value = match value {
            value if is_secret && !value.is_empty() => "…".to_owned(),
            value => without_credentials(value),
        };
        let value: String = value.escape_debug().take(MAX_VALUE).collect();
        return format!("invalid value '{value}' for '{flag}': {valid}");
    }
    let mut text = error.to_string();
    for word in [flag, value].into_iter().flatten() {
        text = text.replace(word, &without_credentials(word));
    }
    let first = text.split("\n\n").next().unwrap_or_default();
    let words = first.trim_start_matches("error: ").split_whitespace();
    let words = words.collect::<Vec<_>>().join(" ");
    let first: String = words.chars().take(MAX_LINE).collect();
    format!("{first}; --help lists what is valid")
}

/// What is in front of an `@` may be a password.
fn without_credentials(value: &str) -> String {
    let Some((credentials, host)) = value.rsplit_once('@') else {
        return value.to_owned();
    };
    let scheme = credentials.split_once("://");
    let scheme = scheme.map(|(scheme, _)| format!("{scheme}://"));
    format!("{}…@{host}", scheme.unwrap_or_default())
}

const MAX_LINE: usize = 200;
const MAX_VALUE: usize = 60;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::Uri;

    use super::*;

    #[derive(Debug, Parser)]
    struct Flags {
        #[arg(long, value_parser = crate::http_url)]
        url: Uri,
        #[arg(long, default_value = "1s", value_parser = crate::duration)]
        timeout: Duration,
        #[arg(long, value_parser = |_: &str| Err::<u8, _>("expected another"))]
        key_secret: Option<u8>,
    }

    fn message(words: &[&str]) -> String {
        let words = ["program"].iter().chain(words);
        let error = parse::<Flags>(words.map(|word| (*word).to_owned())).unwrap_err();
        let line = line(&error);
        assert_eq!(line.lines().count(), 1, "{line}");
        line
    }

    #[test]
    fn a_message_has_the_flag_of_a_bad_value_and_what_is_valid() {
        assert_eq!(
            message(&["--timeout", "-1\n2"]),
            "invalid value '-1\\n2' for '--timeout <TIMEOUT>': expected a whole number above 0 and a unit of ms, s, m, \
             h or d, such as 250ms"
        );
        let long = message(&["--timeout", &"9".repeat(5000)]);
        assert!(long.len() < 300 && long.contains("expected"), "{long}");
    }

    #[test]
    fn messages_of_other_mistakes_have_the_flag() {
        for (words, named) in [
            (&[][..], "--url"),
            (&["--ulr", "x"], "--ulr"),
            (&["--url"], "--url"),
            (&["a\n\nb"], "'a"),
            (&["--timeout", "1s", "--timeout", "2s"], "--timeout"),
        ] {
            let line = message(words);

            assert!(line.contains(named) && !line.contains("Usage"), "{line}");
            assert!(line.ends_with("; --help lists what is valid"), "{line}");
        }
    }

    #[test]
    fn no_secret_is_sent() {
        for url in [
            "http://me:s3cret@host",
            "http://me:s3 cr@s3cret@host",
            "s3cret@host",
        ] {
            for words in [&["--url", url][..], &["--url", "http://a", url]] {
                let line = message(words);

                assert!(line.contains("@host") && !line.contains("s3"), "{line}");
            }
        }
        let line = message(&["--key-secret", "s3cret"]);
        assert!(
            line.contains("--key-secret") && !line.contains("s3cret"),
            "{line}"
        );
    }
}
