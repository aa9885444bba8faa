use super::response::id;
use super::{Flaw, MadeIds};
use crate::grpc::{Call, Status, framed};
use crate::message::Response;

/// All that is wrong with the response to a call.
pub(crate) fn grpc_flaws(
    call: &Call,
    sent_id: Option<&str>,
    response: &Response,
    made: &MadeIds,
) -> Vec<Flaw> {
    let checks = [
        whole(response),
        id(sent_id, response, made),
        status(call, response),
        messages(call, response),
        retry(call, response),
    ];
    checks.into_iter().filter_map(Result::err).collect()
}

fn whole(response: &Response) -> Result<(), Flaw> {
    match &response.broken {
        Some(cause) => Err(Flaw::new("broke off", format!("{response}: {cause}"))),
        None => Ok(()),
    }
}

/// HTTP's is 200, the type gRPC's, and there is one status, in the head or in the trailers.
fn status(call: &Call, response: &Response) -> Result<(), Flaw> {
    let in_head = response.headers.get_all("grpc-status").iter();
    let all: Vec<_> = in_head
        .chain(response.trailers.get_all("grpc-status"))
        .collect();
    let wanted = (call.status as u16).to_string();
    let is_right = response.status == 200
        && response.field("content-type") == Some("application/grpc")
        && matches!(all[..], [one] if one.as_bytes() == wanted.as_bytes());
    if is_right {
        return Ok(());
    }
    let (headers, trailers) = (&response.headers, &response.trailers);
    let detail = format!("{:?} wanted: {headers:?}, {trailers:?}", call.status);
    Err(Flaw::new("has another gRPC status", detail))
}

fn messages(call: &Call, response: &Response) -> Result<(), Flaw> {
    let wanted: Vec<_> = call.messages.iter().flat_map(|text| framed(text)).collect();
    if response.body == wanted {
        Ok(())
    } else {
        Err(Flaw::of("has other messages", response))
    }
}

/// Whoever is over the limit is sent when to come back, in each way that clients read:
/// [pushback](https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback), `RetryInfo` and `Retry-After`.
fn retry(call: &Call, response: &Response) -> Result<(), Flaw> {
    let number = |name| {
        response
            .field(name)
            .and_then(|text| text.parse::<u64>().ok())
    };
    let details = response.field("grpc-status-details-bin");
    let is_right = match call.status {
        Status::ResourceExhausted => {
            let pushback = number("grpc-retry-pushback-ms");
            pushback.is_some_and(|millis| (1..=10_000).contains(&millis))
                && number("retry-after") == pushback.map(|millis| millis.div_ceil(1000))
                && details.is_some_and(|details| contains(details, b"google.rpc.RetryInfo"))
        }
        _ => true,
    };
    if is_right {
        Ok(())
    } else {
        let detail = format!("{:?}", response.headers);
        Err(Flaw::new("does not say when to come back", detail))
    }
}

/// Whether the bytes that are in base64 have this text in them.
fn contains(base64: &str, text: &[u8]) -> bool {
    let mut bits = 0_u32;
    let mut bytes = Vec::new();
    for (index, digit) in base64.bytes().enumerate() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        if index % 4 == 3 {
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
        }
    }
    bytes.windows(text.len()).any(|part| part == text)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::*;
    use crate::grpc::LIMITED;

    fn response(fields: &[(&str, &str)]) -> Response {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        Response {
            status: 200,
            headers,
            body: Vec::new(),
            trailers: HeaderMap::new(),
            broken: None,
            surplus: 0,
            kept: true,
        }
    }

    const LIMIT: [(&str, &str); 6] = [
        ("content-type", "application/grpc"),
        ("grpc-status", "8"),
        ("grpc-retry-pushback-ms", "9500"),
        ("retry-after", "10"),
        ("grpc-status-details-bin", "Z29vZ2xlLnJwYy5SZXRyeUluZm8A"),
        ("x-correlation-id", "sent"),
    ];

    fn kinds(response: &Response) -> Vec<&'static str> {
        let flaws = grpc_flaws(&LIMITED[1], Some("sent"), response, &MadeIds::default());
        flaws.into_iter().map(|flaw| flaw.kind).collect()
    }

    #[test]
    fn finds_nothing_wrong_with_a_rejection_that_is_right() {
        assert!(kinds(&response(&LIMIT)).is_empty());
    }

    #[test]
    fn finds_a_second_status_and_another() {
        let mut twice = response(&LIMIT);
        twice
            .trailers
            .insert("grpc-status", HeaderValue::from_static("8"));
        let mut other = response(&LIMIT);
        other
            .headers
            .insert("grpc-status", HeaderValue::from_static("13"));

        for wrong in [twice, other] {
            assert_eq!(kinds(&wrong), ["has another gRPC status"]);
        }
    }

    #[test]
    fn finds_a_rejection_that_does_not_say_when_to_come_back() {
        for missing in 2..5 {
            let mut fields = LIMIT.to_vec();
            fields.remove(missing);

            assert_eq!(
                kinds(&response(&fields)),
                ["does not say when to come back"]
            );
        }
    }
}
