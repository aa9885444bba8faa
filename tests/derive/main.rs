//! What an enum that derives `ApiError` becomes: problems, responses, statuses, and the rows of a catalogue.
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::error::Error;
use std::io;
use std::time::Duration;

use axum::response::IntoResponse;
use http::StatusCode;
use tower_edge::envelope::ErrorChain;
use tower_edge::problem::{
    ApiError, Code, Definition, DetailDefinition, DetailType, Exposure, FieldError, Level, Retry,
    Visibility, catalog,
};
use tower_edge::{Kind, Problem};

#[derive(Debug, ApiError)]
enum ShopError {
    /// Others were
    /// faster.
    ///
    /// Or a cart was left.
    #[error("{sku} is out of stock, {{left}}: {left:>2}")]
    #[api(Conflict, title = "Not so many left", fix = "Order less")]
    OutOfStock {
        /// What was ordered.
        #[api(detail)]
        sku: String,
        #[api(detail = "itemsLeft")]
        left: usize,
        #[api(detail)]
        shelves: Option<Vec<u32>>,
        unsent: &'static str,
    },
    #[api(Internal)]
    Database(#[from] io::Error),
    #[api(transparent)]
    Edge(#[from] Problem),
    #[api(transparent)]
    Account(#[from] Locked),
    #[error("slow down")]
    #[api(RateLimited, key = "slow", code = -7, status = 503, retry = never, level = warn, default)]
    #[api(alias = "old", alias = "older", deprecated = "use X")]
    SlowDown(#[api(retry_after)] Duration),
    #[api(Validation, message = "Some fields are wrong")]
    Fields(
        #[api(fields)] Vec<FieldError>,
        #[api(retry_after)] Option<Duration>,
    ),
    #[error("no connection to {host}: {source}")]
    #[api(Internal)]
    Connection {
        host: &'static str,
        source: io::Error,
    },
    #[error("the pool at db1 is empty")]
    #[api(Unavailable)]
    PoolIsEmpty,
    #[error("{host} took {seconds} s")]
    #[api(GatewayTimeout, message = "{operation} took {seconds} s")]
    TimedOut {
        #[api(detail)]
        operation: &'static str,
        #[api(internal)]
        host: &'static str,
        seconds: u8,
        source: Option<io::Error>,
    },
    #[error("the card {card} was refused")]
    #[api(PaymentRequired)]
    Card {
        #[api(detail, redacted)]
        card: String,
        #[api(development)]
        host: String,
        #[api(internal)]
        tenant: u64,
    },
}

/// Somebody locked it.
#[derive(Debug, ApiError)]
#[error("account {0} is locked")]
#[api(Locked, rename_all = "SCREAMING_SNAKE_CASE")]
struct Locked(#[api(detail = "account")] u64);

fn out_of_stock() -> ShopError {
    ShopError::OutOfStock {
        sku: "tea".to_owned(),
        left: 3,
        shelves: None,
        unsent: "hunter2",
    }
}

fn card() -> Problem {
    let error = ShopError::Card {
        card: "4111".to_owned(),
        host: "10.0.0.7".to_owned(),
        tenant: 7,
    };
    error.into()
}

fn row(key: &str) -> &'static Definition {
    ShopError::CATALOG.by_key(key).unwrap()
}

#[test]
fn the_message_has_its_fields_and_so_has_the_problem() {
    let problem = Problem::from(out_of_stock());

    assert_eq!(
        out_of_stock().to_string(),
        "tea is out of stock, {left}:  3"
    );
    assert_eq!(problem.message(), Some("tea is out of stock, {left}:  3"));
    assert_eq!(problem.key(), "out_of_stock");
    let details = problem.details().iter();
    let details: Vec<_> = details
        .map(|detail| (detail.name(), detail.json()))
        .collect();
    assert_eq!(
        details,
        [("sku", "\"tea\""), ("itemsLeft", "3"), ("shelves", "null")]
    );
    let ShopError::OutOfStock { unsent, .. } = out_of_stock() else {
        panic!("another error");
    };
    assert!(!format!("{problem:?}").contains(unsent));
}

#[test]
fn a_problem_of_a_layer_has_the_title_and_no_braces() {
    let row = row("out_of_stock");

    assert_eq!(
        (row.title(), row.message()),
        ("Not so many left", "Not so many left")
    );
    assert_eq!(
        row.message_template(),
        "{sku} is out of stock, {left}: {itemsLeft}"
    );
    assert_eq!(Problem::from(row).to_string(), "Not so many left");
}

#[test]
fn a_row_says_what_the_attributes_say() {
    let (stock, slow) = (row("out_of_stock"), row("slow"));

    assert_eq!(stock.cause(), "Others were faster.\n\nOr a cart was left.");
    assert_eq!(
        (stock.kind(), stock.resolution()),
        (Kind::Conflict, "Order less")
    );
    assert_eq!(
        stock.details(),
        [
            DetailDefinition::new("sku", DetailType::String).with_description("What was ordered."),
            DetailDefinition::new("itemsLeft", DetailType::Integer),
            DetailDefinition::new("shelves", DetailType::Array(&DetailType::Integer)).optional(),
        ]
    );
    assert_eq!(
        (slow.code(), slow.status()),
        (Code::Integer(-7), StatusCode::SERVICE_UNAVAILABLE)
    );
    assert_eq!((slow.retry(), slow.level()), (Retry::Never, Level::Warn));
    assert_eq!(
        (slow.aliases(), slow.deprecation()),
        (&["old", "older"][..], Some("use X"))
    );
    assert_eq!(row("fields").message(), "Some fields are wrong");
    assert_eq!(row("database").message(), Kind::Internal.title());
}

#[test]
fn only_a_default_row_describes_problems_of_layers() {
    let by_kind = |kind| ShopError::CATALOG.by_kind(kind).map(Definition::key);

    assert_eq!(by_kind(Kind::RateLimited), Some("slow"));
    assert_eq!(by_kind(Kind::Conflict), None);
}

#[test]
fn catalogues_of_enums_merge() {
    catalog! {
        static ERRORS = [ShopError::CATALOG, Locked::CATALOG];
    }

    let keys: Vec<_> = ERRORS.definitions().map(Definition::key).collect();
    assert_eq!(
        keys,
        [
            "out_of_stock",
            "database",
            "slow",
            "fields",
            "connection",
            "pool_is_empty",
            "timed_out",
            "card",
            "LOCKED"
        ]
    );
    let problem = Problem::from(Locked(7));
    assert_eq!(
        ERRORS.definition_of(&problem).map(Definition::cause),
        Some("Somebody locked it.")
    );
}

#[test]
fn a_source_is_logged_and_not_in_the_message() {
    let error = ShopError::from(io::Error::other("hunter2"));

    assert_eq!(error.to_string(), "Internal Server Error");
    assert_eq!(error.source().unwrap().to_string(), "hunter2");
    let problem = Problem::from(error);
    assert_eq!((problem.message(), problem.details().len()), (None, 0));
    assert_eq!(problem.source().unwrap().to_string(), "hunter2");
}

#[test]
fn the_text_of_a_server_error_is_logged_before_its_source_and_not_sent() {
    let connection = || ShopError::Connection {
        host: "db1",
        source: io::Error::other("hunter2"),
    };
    let logged = |problem: &Problem| ErrorChain::new(problem.source()).to_string();

    let problem = Problem::from(connection());
    let pool = Problem::from(ShopError::PoolIsEmpty);

    assert_eq!(connection().to_string(), "no connection to db1: hunter2");
    assert_eq!(problem.message(), None);
    assert_eq!(logged(&problem), "no connection to db1: hunter2");
    let text = problem.source().unwrap();
    assert!(text.source().unwrap().is::<io::Error>());
    assert_eq!(
        (pool.message(), logged(&pool)),
        (None, "the pool at db1 is empty".into())
    );
    for key in ["connection", "pool_is_empty"] {
        let title = row(key).kind().title();
        let texts = [row(key).title(), row(key).message()];
        assert_eq!(texts, [title; 2]);
        assert_eq!(row(key).message_template(), title);
    }
}

#[test]
fn a_server_error_sends_a_message_that_it_has_for_clients() {
    let timed_out = |source| ShopError::TimedOut {
        operation: "search",
        host: "db1",
        seconds: 7,
        source,
    };

    let problem = Problem::from(timed_out(Some(io::Error::other("hunter2"))));

    assert_eq!(timed_out(None).to_string(), "db1 took 7 s");
    assert_eq!(problem.message(), Some("search took 7 s"));
    let logged = ErrorChain::new(problem.source()).to_string();
    assert_eq!(logged, "db1 took 7 s: hunter2");
    assert_eq!(
        row("timed_out").message_template(),
        "{operation} took {seconds} s"
    );
    assert_eq!(row("timed_out").message(), Kind::GatewayTimeout.title());
}

#[test]
fn a_transparent_error_is_the_one_inside() {
    let inside = || {
        Problem::new(Kind::Gone)
            .with_message("moved")
            .with_detail("a", 1)
            .with_source("s")
    };

    let error = ShopError::from(inside());
    let account = Problem::from(ShopError::from(Locked(7)));

    assert_eq!(
        (error.to_string(), error.source().unwrap().to_string()),
        ("moved".into(), "s".into())
    );
    let problem = Problem::from(error);
    assert_eq!(
        (problem.status(), problem.details()),
        (StatusCode::GONE, inside().details())
    );
    assert_eq!(
        (account.key(), account.message()),
        ("LOCKED", Some("account 7 is locked"))
    );
}

#[test]
fn a_wait_and_field_errors_are_those_of_the_fields() {
    let errors = vec![
        FieldError::new("title", "is required"),
        FieldError::new("year", "is no number"),
    ];

    let slow = Problem::from(ShopError::SlowDown(Duration::from_secs(3)));
    let fields = Problem::from(ShopError::Fields(errors.clone(), None));

    assert_eq!(slow.retry_after(), Some(Duration::from_secs(3)));
    assert_eq!(
        (fields.field_errors(), fields.retry_after()),
        (errors.as_slice(), None)
    );
}

#[test]
fn field_errors_may_be_one_or_some() {
    #[derive(Debug, ApiError)]
    enum Invalid {
        #[api(Validation)]
        One(#[api(fields)] FieldError),
        #[api(Validation)]
        Some(#[api(fields)] Option<FieldError>),
        #[api(Validation)]
        Two(#[api(fields)] [FieldError; 2]),
    }
    let error = || FieldError::new("title", "is required");

    for (invalid, count) in [
        (Invalid::One(error()), 1),
        (Invalid::Some(None), 0),
        (Invalid::Some(Some(error())), 1),
        (Invalid::Two([error(), error()]), 2),
    ] {
        assert_eq!(Problem::from(invalid).field_errors(), vec![error(); count]);
    }
}

#[test]
fn what_is_redacted_or_internal_is_not_sent() {
    let problem = card();

    assert_eq!(problem.message(), Some("the card [redacted] was refused"));
    assert_eq!(
        problem.metadata(Exposure::Production),
        [("card".into(), "[redacted]".into())]
    );
    let shown = problem.metadata(Exposure::Development);
    assert_eq!(shown[1..], [("host".into(), "10.0.0.7".into())]);
    assert_eq!(problem.internal_details().unwrap().to_string(), "tenant=7");
    assert_eq!(row("card").visibility("tenant"), Visibility::Internal);
}

#[test]
fn a_handler_of_axum_or_tonic_returns_it() {
    let response = out_of_stock().into_response();
    let status = tonic::Status::from(out_of_stock());

    assert_eq!(response.status(), StatusCode::CONFLICT);
    let problem = response.extensions().get::<Problem>();
    assert_eq!(problem.map(Problem::key), Some("out_of_stock"));
    assert_eq!(
        (status.code(), status.message()),
        (tonic::Code::Aborted, "tea is out of stock, {left}:  3")
    );
}

/// The compiler would report the variants as never constructed.
mod of_layers {
    #![deny(dead_code)]

    use std::time::Duration;

    use tower_edge::{ApiError, Kind};

    #[derive(Debug, ApiError)]
    enum LayerError {
        #[api(RateLimited, default, title = "Slow down")]
        SlowDown,
        #[api(UpstreamTimeout, default)]
        Late(#[api(retry_after)] Duration),
        #[api(QuotaExceeded, default)]
        Used {
            #[api(detail)]
            plan: String,
        },
    }

    #[test]
    fn a_variant_for_layers_need_not_be_constructed() {
        let row = LayerError::CATALOG.by_kind(Kind::RateLimited).unwrap();

        assert_eq!(row.title(), "Slow down");
    }
}
