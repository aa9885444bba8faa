use serde_json::Value;

use super::{Flaw, MadeIds, bodies, fields};
use crate::cases::{Ask, Prefix, Wanted};
use crate::message::Response;

/// All that is wrong with it.
pub(crate) fn flaws(ask: &Ask, response: &Response, made: &MadeIds) -> Vec<Flaw> {
    let checks = [
        whole(ask, response),
        id(ask.id.as_deref(), response, made),
        content(ask, response),
        fields::limit(ask, response),
        fields::of_status(ask, response),
        open_to_browsers(response),
    ];
    checks.into_iter().filter_map(Result::err).collect()
}

/// It ends as it should, and is as long as it says.
fn whole(ask: &Ask, response: &Response) -> Result<(), Flaw> {
    let is_cut = matches!(ask.case.wanted, Wanted::Cut(..));
    match &response.broken {
        None if is_cut => return Err(Flaw::of("ended as if it were whole", response)),
        Some(cause) if !is_cut => {
            return Err(Flaw::new("broke off", format!("{response}: {cause}")));
        }
        _ => {}
    }
    if response.surplus > 0 {
        return Err(Flaw::of("was followed by bytes of no response", response));
    }
    let length = response.values("content-length");
    let is_exact = match length[..] {
        [] => true,
        [length] => {
            is_cut || ask.request.method == "HEAD" || length == response.body.len().to_string()
        }
        _ => false,
    };
    let is_framed_once = length.is_empty() || !response.headers.contains_key("transfer-encoding");
    if is_exact && is_framed_once {
        Ok(())
    } else {
        let detail = format!("Content-Length {length:?}: {response}");
        Err(Flaw::new("is not as long as it says", detail))
    }
}

/// The id that was sent, else one that is new.
pub(super) fn id(sent: Option<&str>, response: &Response, made: &MadeIds) -> Result<(), Flaw> {
    let Some(id) = response.field(ID) else {
        return Err(Flaw::of("has not one correlation id", response));
    };
    match sent {
        Some(sent) if sent == id => Ok(()),
        Some(sent) => {
            let detail = format!("{id:?} instead of {sent:?}");
            Err(Flaw::new("has another correlation id", detail))
        }
        None => made.take(id).map_err(|kind| Flaw::new(kind, id)),
    }
}

/// Status, content type and body are those of the case.
fn content(ask: &Ask, response: &Response) -> Result<(), Flaw> {
    let prefix = ask.prefix;
    let json = || serde_json::from_slice::<Value>(&response.body).unwrap_or_default();
    let (status, content_type, is_right) = match ask.case.wanted {
        Wanted::Data(status, is_right) => {
            let body = json();
            let id = response.field(ID).unwrap_or_default();
            let data = bodies::data(prefix, &body);
            (status, JSON, data.is_some_and(|data| is_right(data, id)))
        }
        Wanted::Error(errors) => {
            let (status, code) = Prefix::ALL
                .into_iter()
                .zip(errors)
                .find_map(|(column, error)| (column == prefix).then_some(error))
                .unwrap_or_default();
            let found = bodies::code(prefix, response, &json());
            let is_right = found.as_deref() == Some(code);
            (status, bodies::error_type(prefix), is_right)
        }
        Wanted::JsonRpc(status, is_right) => (status, JSON, is_right(prefix, &json())),
        Wanted::Text(text) => (200, "text/plain", response.body == text.as_bytes()),
        Wanted::Nothing(status) => (status, "", response.body.is_empty()),
        Wanted::Events => (200, "text/event-stream", is_five_events(&response.body)),
        Wanted::Cut(content_type, is_begun) => (200, content_type, is_begun(&response.body)),
    };
    if response.status != status {
        return Err(Flaw::of("has another status", response));
    }
    let found = response.field("content-type").unwrap_or_default();
    let essence = found.split(';').next().unwrap_or_default();
    // A HEAD has the type of the body that it has not.
    if essence != content_type && !content_type.is_empty() {
        let detail = format!("{found:?} instead of {content_type:?}");
        return Err(Flaw::new("has another content type", detail));
    }
    if is_right {
        Ok(())
    } else {
        Err(Flaw::of("has another body", response))
    }
}

fn is_five_events(body: &[u8]) -> bool {
    let expected: String = (1..=5)
        .map(|number| format!("id: {number}\nevent: tick\ndata: {{\"tick\":{number}}}\n\n"))
        .collect();
    body == expected.as_bytes()
}

fn open_to_browsers(response: &Response) -> Result<(), Flaw> {
    if response.field("access-control-allow-origin") == Some("*") {
        Ok(())
    } else {
        Err(Flaw::of("may not be read by a browser", response))
    }
}

const ID: &str = "x-correlation-id";
const JSON: &str = "application/json";

#[cfg(test)]
mod tests {
    use fastrand::Rng;
    use http::{HeaderMap, HeaderValue};

    use super::*;
    use crate::cases::{BUSY, PATIENT, draw};

    /// A request of this case under this prefix, with this id.
    fn ask(name: &str, prefix: Prefix, id: Option<&str>) -> Ask {
        let mut rng = Rng::with_seed(7);
        let mut asks = (0..100_000).filter_map(|number| {
            let cases = if number % 2 == 0 { BUSY } else { PATIENT };
            draw(cases, &mut rng, number)
        });
        let mut ask = asks
            .find(|ask| (ask.case.name, ask.prefix) == (name, prefix))
            .unwrap();
        ask.id = id.map(str::to_owned);
        ask
    }

    fn response(status: u16, fields: &[(&'static str, &str)], body: &str) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert("access-control-allow-origin", HeaderValue::from_static("*"));
        headers.insert("content-length", HeaderValue::from(body.len()));
        headers.insert("content-type", HeaderValue::from_static(JSON));
        headers.insert(ID, HeaderValue::from_static("sent"));
        for (name, value) in fields {
            headers.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        Response {
            status,
            headers,
            body: body.as_bytes().to_vec(),
            trailers: HeaderMap::new(),
            broken: None,
            surplus: 0,
            kept: true,
        }
    }

    const LIMIT: [(&str, &str); 3] = [
        ("x-ratelimit-limit", "1000000"),
        ("x-ratelimit-remaining", "999999"),
        ("x-ratelimit-reset", "1800000000"),
    ];

    fn medium() -> Response {
        response(200, &LIMIT, r#"{"id":7,"title":"Medium 7"}"#)
    }

    fn kinds(ask: &Ask, response: &Response) -> Vec<&'static str> {
        let flaws = flaws(ask, response, &MadeIds::default());
        flaws.into_iter().map(|flaw| flaw.kind).collect()
    }

    #[test]
    fn finds_nothing_wrong_with_what_is_right() {
        let ask = ask("medium", Prefix::Ads, Some("sent"));

        assert!(kinds(&ask, &medium()).is_empty());
    }

    #[test]
    fn finds_a_wrong_id_and_one_that_was_there_before() {
        let echoed = ask("medium", Prefix::Ads, Some("other"));
        assert_eq!(kinds(&echoed, &medium()), ["has another correlation id"]);

        let made = ask("medium", Prefix::Ads, None);
        let ids = MadeIds::default();
        let mut medium = medium();
        medium.headers.insert(
            ID,
            HeaderValue::from_static("0123456789abcdef0123456789abcdef"),
        );
        assert!(flaws(&made, &medium, &ids).is_empty());
        assert_eq!(flaws(&made, &medium, &ids).len(), 1);
    }

    #[test]
    fn finds_a_body_that_is_short_or_breaks_off() {
        let ask = ask("medium", Prefix::Ads, Some("sent"));
        let mut short = medium();
        short
            .headers
            .insert("content-length", HeaderValue::from_static("28"));
        let mut broken = medium();
        broken.broken = Some("closed".to_owned());
        let mut long = medium();
        long.surplus = 1;

        assert_eq!(kinds(&ask, &short), ["is not as long as it says"]);
        assert_eq!(kinds(&ask, &broken), ["broke off"]);
        assert_eq!(kinds(&ask, &long), ["was followed by bytes of no response"]);
    }

    #[test]
    fn finds_what_another_prefix_would_have_sent() {
        let nest = ask("medium", Prefix::MediaNest, Some("sent"));
        assert_eq!(kinds(&nest, &medium()), ["has another body"]);

        let problem = ask("medium", Prefix::Problem, Some("sent"));
        assert_eq!(
            kinds(&problem, &medium()),
            ["has not the fields of the limit"]
        );

        let route = ask("404 route", Prefix::Ads, Some("sent"));
        let flat = response(
            404,
            &LIMIT,
            r#"{"error":"Route not found","code":"NOT_FOUND"}"#,
        );
        assert!(kinds(&route, &flat).is_empty());
        let nested = response(
            404,
            &LIMIT,
            r#"{"error":{"message":"a","code":"NOT_FOUND"}}"#,
        );
        assert_eq!(kinds(&route, &nested), ["has another body"]);
    }

    #[test]
    fn finds_a_limit_that_has_not_been_counted() {
        let limited = ask("429 limited", Prefix::Ads, Some("sent"));
        let body = r#"{"error":"Rate limit exceeded","code":"RATE_LIMITED"}"#;

        let kinds = kinds(&limited, &response(429, &LIMIT, body));

        assert_eq!(
            kinds,
            [
                "has wrong fields of the limit",
                "lacks a field that its status asks for"
            ]
        );
    }

    #[test]
    fn a_stream_that_stalls_has_to_be_cut() {
        let stall = ask("stall", Prefix::Ads, Some("sent"));
        let mut whole = response(200, &LIMIT, "first\n");
        whole
            .headers
            .insert("content-type", HeaderValue::from_static("text/plain"));
        assert_eq!(kinds(&stall, &whole), ["ended as if it were whole"]);

        whole.broken = Some("reset".to_owned());
        assert!(kinds(&stall, &whole).is_empty());
    }
}
