use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// An answer that has arrived whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: Bytes,
    pub(crate) headers: HeaderMap,
    pub(crate) status: u16,
}

impl Answer {
    pub(super) fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self {
            body,
            headers,
            status: status.as_u16(),
        }
    }

    /// The value of a field that has to be there once.
    pub(crate) fn field(&self, name: &str) -> &str {
        let values: Vec<_> = self.headers.get_all(name).iter().collect();
        assert_eq!(values.len(), 1, "{name} in {self:?}");
        values[0].to_str().unwrap()
    }

    /// Whether there is such a field at all.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// The whole number in a field that has to be there once.
    pub(crate) fn number(&self, name: &str) -> u64 {
        let value = self.field(name);
        assert!(value.bytes().all(|byte| byte.is_ascii_digit()), "{value}");
        value.parse().unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts what holds for every answer that the layers see.
    pub(super) fn assert_sound(&self, is_head: bool) {
        assert!(!self.field("x-correlation-id").is_empty(), "{self:?}");
        assert_eq!(self.field("access-control-allow-origin"), "*");
        if self.has("retry-after") {
            assert!(self.number("retry-after") >= 1, "{self:?}");
        }
        if self.status == 429 {
            assert!(self.has("retry-after"), "{self:?}");
        }
        if self.status >= 400 {
            self.assert_sound_error(is_head);
        }
    }

    fn assert_sound_error(&self, is_head: bool) {
        let content_type = self.field("content-type");
        let is_problem = content_type == "application/problem+json";
        assert!(is_problem || content_type == "application/json", "{self:?}");
        assert!(!self.has("set-cookie") && !self.has("server"), "{self:?}");
        if is_head {
            assert!(self.body.is_empty(), "{self:?}");
            return;
        }
        let body = self.json();
        if is_problem {
            for name in ["type", "title", "detail"] {
                assert!(body[name].is_string(), "{name} in {self:?}");
            }
            assert_eq!(body["status"], self.status, "{self:?}");
        }
        for secret in ["hunter2", "127.0.0.1", "db.rs", "Os {", "hyper", "tcp"] {
            assert!(!self.text().contains(secret), "{secret} in {self:?}");
        }
    }
}
