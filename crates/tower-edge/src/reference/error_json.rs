use std::iter;

use serde_json::{Map, Value, json};
use tower_edge_core::{Code, Definition, DetailDefinition, DetailType, Retry, Visibility};

use super::example::{Example, example};
use super::{Reference, headers};

impl Reference {
    /// The error with this key or [alias](Definition::aliases) as JSON, for a client that prefers JSON to [a
    /// page](Self::error_html). `None` if there is no such error.
    ///
    /// ```
    /// use tower_edge::problem::catalog;
    /// use tower_edge::reference::Reference;
    /// use tower_edge_formats::PlexMcp;
    ///
    /// catalog! {
    ///     /// The errors of the shop.
    ///     static ERRORS;
    ///     #[api(Conflict, fix = "Order less")]
    ///     const OUT_OF_STOCK;
    /// }
    ///
    /// let reference = Reference::new("Shop API", &ERRORS).with_format(PlexMcp);
    ///
    /// let error = reference.error_json("out_of_stock").unwrap_or_default();
    ///
    /// assert_eq!(error["status"], 409);
    /// assert_eq!(error["fix"], "Order less");
    /// assert_eq!(error["retry"], "never");
    /// assert_eq!(error["examples"]["plexmcp"]["headers"]["Content-Type"], "application/json");
    /// assert_eq!(reference.error_json("unknown"), None);
    /// ```
    ///
    /// Members without a value, such as `deprecated`, are left out. The body of an example is text if the format does
    /// not write JSON.
    #[must_use]
    pub fn error_json(&self, key: &str) -> Option<Value> {
        let row = self.row(key)?;
        let code = match row.code() {
            Code::Integer(number) => number.into(),
            code => Value::from(code.to_string()),
        };
        let mut error = json!({
            "key": row.key(),
            "code": code,
            "status": row.status().as_u16(),
            "title": row.title(),
            "message": row.message_template(),
            "retry": if row.retry() == Retry::Later { "later" } else { "never" },
        });
        let texts = [
            ("cause", row.cause()),
            ("fix", row.resolution()),
            ("deprecated", row.deprecation().unwrap_or_default()),
        ];
        for (name, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            error[name] = text.into();
        }
        let details: Vec<_> = seen(row).map(detail).collect();
        let examples = self.formats.iter().map(|named| {
            let example = example(row, &*named.format);
            (named.name.clone(), response(&example))
        });
        let examples: Map<_, _> = examples.collect();
        if !row.aliases().is_empty() {
            error["aliases"] = row.aliases().into();
        }
        if !details.is_empty() {
            error["details"] = details.into();
        }
        if !examples.is_empty() {
            error["examples"] = examples.into();
        }
        // A feature of serde_json decides whether members are sorted, and any crate can turn it on.
        error.sort_all_objects();
        Some(error)
    }

    /// The row with this key, else the first with this alias.
    pub(super) fn row(&self, key: &str) -> Option<&'static Definition> {
        let with_key = self.rows().find(|row| row.key() == key);
        with_key.or_else(|| self.rows().find(|row| row.aliases().contains(&key)))
    }
}

/// The details that some clients may see.
pub(super) fn seen(row: &Definition) -> impl Iterator<Item = &'static DetailDefinition> + use<> {
    let details = row.details().iter();
    details.filter(|detail| detail.visibility() != Visibility::Internal)
}

/// The type in words, such as `array of string`.
pub(super) fn type_name(detail_type: DetailType) -> String {
    let mut items = detail_type;
    let arrays = iter::from_fn(|| match items {
        DetailType::Array(inner) => {
            items = *inner;
            Some("array of ")
        }
        _ => None,
    });
    let arrays: String = arrays.collect();
    arrays
        + match items {
            DetailType::Boolean => "boolean",
            DetailType::DateTime => "date-time",
            DetailType::Integer => "integer",
            DetailType::Number => "number",
            DetailType::Object => "object",
            DetailType::String => "string",
            _ => "any",
        }
}

fn detail(detail: &DetailDefinition) -> Value {
    let mut value = json!({
        "name": detail.name(),
        "type": type_name(detail.detail_type()),
        "optional": detail.is_optional(),
    });
    if !detail.description().is_empty() {
        value["description"] = detail.description().into();
    }
    if detail.visibility() == Visibility::Development {
        value["visibility"] = "development".into();
    }
    value
}

fn response(example: &Example) -> Value {
    let fields = example.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (headers::display(name), value.into())
    });
    let body = &example.body;
    json!({
        "status": example.status.as_u16(),
        "headers": fields.collect::<Map<_, _>>(),
        "body": serde_json::from_str(body).unwrap_or_else(|_| Value::from(body.as_str())),
    })
}

#[cfg(test)]
mod tests {
    use tower_edge_core::problem_details::ProblemDetails;
    use tower_edge_core::{Catalog, Kind};

    use super::*;

    static ERRORS: Catalog = {
        const ROWS: &[Definition] = &[
            Definition::new("locked", Kind::Conflict)
                .with_code(Code::Integer(4091))
                .with_title("Locked")
                .with_message("It is locked")
                .with_message_template("{what} is locked")
                .with_aliases(&["busy"])
                .with_cause("An order")
                .with_resolution("Wait")
                .with_deprecation("Use held")
                .with_retry(Retry::Later)
                .with_details(&[
                    DetailDefinition::new("what", DetailType::String).with_description("Its name"),
                    DetailDefinition::new(
                        "owners",
                        DetailType::Array(&DetailType::Array(&DetailType::Integer)),
                    )
                    .optional()
                    .with_visibility(Visibility::Development),
                    DetailDefinition::new("query", DetailType::Any)
                        .with_visibility(Visibility::Internal),
                ]),
            Definition::new("gone", Kind::Gone),
        ];
        Catalog::at_compile_time(Catalog::new(ROWS))
    };

    #[test]
    fn an_error_has_what_the_page_says_of_it() {
        let details = ProblemDetails::new().with_catalog(&ERRORS);
        let reference = Reference::new("Shop", &ERRORS).with_format(details);

        let mut error = reference.error_json("busy").unwrap();
        let example = error["examples"]["problem_details"].take();

        assert_eq!(example["status"], 409);
        assert_eq!(
            example["headers"]["Content-Type"],
            "application/problem+json"
        );
        assert_eq!(example["body"]["detail"], "example is locked");
        let expected = json!({
            "key": "locked",
            "aliases": ["busy"],
            "code": 4091,
            "status": 409,
            "title": "Locked",
            "message": "{what} is locked",
            "cause": "An order",
            "fix": "Wait",
            "deprecated": "Use held",
            "retry": "later",
            "details": [
                {"name": "what", "type": "string", "optional": false, "description": "Its name"},
                {
                    "name": "owners",
                    "type": "array of array of integer",
                    "optional": true,
                    "visibility": "development",
                },
            ],
            "examples": {"problem_details": null},
        });
        assert_eq!(error, expected);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let error = Reference::new("Shop", &ERRORS).error_json("gone").unwrap();

        let members: Vec<_> = error.as_object().unwrap().keys().collect();
        assert_eq!(
            members,
            ["code", "key", "message", "retry", "status", "title"]
        );
    }
}
