use super::*;
use crate::{Level, Visibility, catalog};

catalog! {
    /// The errors of the shop.
    static SHOP;

    /// Others were
    /// faster.
    #[api(Conflict, code = 4711, status = 410, title = "Not so many left", message = "Out of stock",
        fix = "Order less", retry = later, level = warn, deprecated = "use `not_enough`",
        alias = "no_stock", alias = "sold_out",
        details(
            /// What was
            /// ordered.
            sku: string,
            /// How many.
            "left-over"?: integer,
            places: array(array(number)),
        ),
        development(
            /// Where.
            shard?: any
        ))]
    const OUT_OF_STOCK;
    #[api(NotFound)]
    const NO_SUCH_ITEM;
    #[api(NotFound, cause = "A path without a route", default = false,)]
    const NO_SUCH_PAGE;
}
catalog! {
    #[api(rename_all = "SCREAMING_SNAKE_CASE")]
    static ACCOUNTS;
    #[api(NotFound)]
    const NO_SUCH_ACCOUNT;
    #[api(RateLimited, code = OUT_OF_STOCK.code())]
    const _;
}
catalog! {
    static WITH_LAYERS = [LAYERS, ACCOUNTS];
}
catalog! {
    static ALL = [SHOP, WITH_LAYERS];
}

fn keys(catalog: &Catalog) -> Vec<&'static str> {
    catalog.definitions().map(Definition::key).collect()
}

fn for_kind(catalog: &Catalog, kind: Kind) -> Option<&'static str> {
    catalog.by_kind(kind).map(Definition::key)
}

#[test]
fn a_row_has_all_that_its_line_says() {
    const EXPECTED: Definition = Definition::new("out_of_stock", Kind::Conflict)
        .with_cause("Others were faster.")
        .with_code(Code::Integer(4711))
        .with_status(StatusCode::GONE)
        .with_title("Not so many left")
        .with_message("Out of stock")
        .with_resolution("Order less")
        .with_retry(Retry::Later)
        .with_level(Level::Warn)
        .with_deprecation("use `not_enough`")
        .with_aliases(&["no_stock", "sold_out"])
        .with_details(&[
            DetailDefinition::new("sku", DetailType::String).with_description("What was ordered."),
            DetailDefinition::new("left-over", DetailType::Integer)
                .with_description("How many.")
                .optional(),
            DetailDefinition::new(
                "places",
                DetailType::Array(&DetailType::Array(&DetailType::Number)),
            ),
            DetailDefinition::new("shard", DetailType::Any)
                .with_description("Where.")
                .optional()
                .with_visibility(Visibility::Development),
        ]);

    assert_eq!(OUT_OF_STOCK, EXPECTED);
    assert_eq!(
        NO_SUCH_ITEM,
        Definition::new("no_such_item", Kind::NotFound)
    );
    assert_eq!(NO_SUCH_PAGE.cause(), "A path without a route");
}

#[test]
fn a_key_is_the_name_in_the_style_of_the_catalogue() {
    assert_eq!(keys(&ACCOUNTS), ["NO_SUCH_ACCOUNT", "RATE_LIMITED"]);
    assert_eq!(for_kind(&ACCOUNTS, Kind::RateLimited), Some("RATE_LIMITED"));
    assert_eq!(
        ACCOUNTS.definitions().last().map(Definition::code),
        Some(Code::Integer(4711))
    );
}

#[test]
fn refuses_a_key_that_occurs_twice() {
    static TWICE: [Definition; 2] = [
        Definition::new("A", Kind::NotFound),
        Definition::new("A", Kind::Internal),
    ];

    let error = Catalog::new(&TWICE).map(|_| ()).unwrap_err();

    assert_eq!(
        error.to_string(),
        "duplicate key \"A\": expected another key for each row"
    );
}

#[test]
fn refuses_a_key_of_two_merged_catalogues() {
    static PARTS: [&Catalog; 3] = [&SHOP, &ACCOUNTS, &SHOP];
    static NESTED: [&Catalog; 2] = [&WITH_LAYERS, &ACCOUNTS];

    let error = |parts| Catalog::merge(parts).map(|_| ()).unwrap_err().key;

    assert_eq!(error(&PARTS), "out_of_stock");
    assert_eq!(error(&NESTED), "NO_SUCH_ACCOUNT");
}

#[test]
fn a_problem_with_a_definition_keeps_its_row() {
    assert_eq!(
        SHOP.definition_of(&Problem::from(&NO_SUCH_PAGE)),
        Some(&NO_SUCH_PAGE)
    );
    assert_eq!(
        ALL.definition_of(&Problem::from(&NO_SUCH_ACCOUNT)),
        Some(&NO_SUCH_ACCOUNT)
    );
}

#[test]
fn a_definition_of_another_catalogue_is_found_by_kind() {
    static FOREIGN: Definition = Definition::new("no_such_item", Kind::Conflict);
    let problem = Problem::from(&FOREIGN);

    assert_eq!(SHOP.definition_of(&problem), Some(&OUT_OF_STOCK));
    assert_eq!(ACCOUNTS.definition_of(&problem), None);
}

#[test]
fn the_first_row_of_a_kind_stands_for_it() {
    assert_eq!(for_kind(&SHOP, Kind::NotFound), Some("no_such_item"));
    assert_eq!(for_kind(&SHOP, Kind::RouteNotFound), Some("no_such_item"));
    assert_eq!(for_kind(&SHOP, Kind::Internal), None);
    assert_eq!(for_kind(&ALL, Kind::NotFound), Some("no_such_item"));
}

#[test]
fn a_row_that_is_no_default_stands_for_no_other_problem() {
    catalog! {
        static OWN;
        #[api(RateLimited, key = "my_limit", default = false)]
        const MY_LIMIT;
    }
    catalog! {
        static MERGED = [OWN, LAYERS];
    }

    assert_eq!(OWN.by_kind(Kind::RateLimited), None);
    assert_eq!(
        OWN.definition_of(&Problem::from(&MY_LIMIT)),
        Some(&MY_LIMIT)
    );
    assert_eq!(for_kind(&MERGED, Kind::RateLimited), Some("rate_limited"));
    assert!(keys(&MERGED).starts_with(&["my_limit"]));
    assert!(keys(&MERGED).contains(&"rate_limited"));
}

#[test]
fn a_row_that_is_the_same_as_that_of_the_layers_hides_it() {
    catalog! {
        static OWN;
        /// The plan of the account.
        #[api(RateLimited, default = false)]
        const RATE_LIMITED;
    }
    catalog! {
        static MERGED = [LAYERS, OWN];
    }
    const OTHER_CODE: Definition = RATE_LIMITED.with_code(Code::Text("SLOW_DOWN"));
    const OTHER_KIND: Definition = Definition::new("rate_limited", Kind::Conflict);
    const OTHER_STATUS: Definition = RATE_LIMITED.with_status(StatusCode::SERVICE_UNAVAILABLE);
    static OTHERS: [Catalog; 3] = [
        Catalog::of_unique(&[OTHER_CODE]),
        Catalog::of_unique(&[OTHER_KIND]),
        Catalog::of_unique(&[OTHER_STATUS]),
    ];
    static MERGES: [[&Catalog; 2]; 3] = [
        [&OTHERS[0], &LAYERS],
        [&OTHERS[1], &LAYERS],
        [&OTHERS[2], &LAYERS],
    ];

    let layers = MERGED.definition_of(&Problem::new(Kind::RateLimited));

    assert_eq!(MERGED.by_key("rate_limited"), Some(&RATE_LIMITED));
    assert_eq!(
        layers.map(Definition::cause),
        LAYERS.by_key("rate_limited").map(Definition::cause)
    );
    assert!(
        MERGES
            .iter()
            .all(|catalogs| Catalog::merge(catalogs).is_err())
    );
}

#[test]
fn a_row_for_a_kind_stands_for_it_though_its_catalogue_has_no_other() {
    static FOR_KIND: Catalog =
        Catalog::of_unique(&[Definition::new("busy", Kind::RateLimited).with_default(true)]);

    assert_eq!(for_kind(&FOR_KIND, Kind::RateLimited), Some("busy"));
}

#[test]
fn the_indices_of_merged_catalogues_follow_each_other() {
    assert_eq!(ALL.len(), SHOP.len() + LAYERS.len() + ACCOUNTS.len());
    assert_eq!(ALL.get(SHOP.len() - 1), Some(&NO_SUCH_PAGE));
    assert_eq!(ALL.get(SHOP.len()), LAYERS.get(0));
    assert_eq!(ALL.get(ALL.len() - 2), Some(&NO_SUCH_ACCOUNT));
    assert_eq!(ALL.get(ALL.len()), None);

    let problems = [
        Problem::from(&NO_SUCH_ACCOUNT),
        Problem::new(Kind::RateLimited),
    ];
    let at = problems.map(|problem| ALL.index_of(&problem));
    assert_eq!(at, [Some(ALL.len() - 2), Some(ALL.len() - 1)]);
    for at in 0..ALL.len() {
        let row = ALL.get(at).unwrap();
        assert_eq!(ALL.index_of(&Problem::from(row)), Some(at), "{}", row.key());
    }
}

#[test]
fn another_row_for_the_kind_hides_that_of_the_layers() {
    // Both for the kind and for the kinds within it, from whichever depth.
    let rate_limited = ["RATE_LIMITED"; 2].map(Some);
    assert_eq!(
        [Kind::RateLimited, Kind::QuotaExceeded].map(|kind| for_kind(&ALL, kind)),
        rate_limited
    );
    assert_eq!(for_kind(&ALL, Kind::RouteNotFound), Some("no_such_item"));
    assert_eq!(
        for_kind(&ALL, Kind::UpstreamTimeout),
        Some("upstream_timeout")
    );

    for hidden in ["rate_limited", "quota_exceeded", "route_not_found"] {
        assert!(LAYERS.by_key(hidden).is_some());
        assert_eq!(ALL.by_key(hidden), None);
    }
    let shown = LAYERS.len() - 3;
    assert_eq!(
        ALL.definitions().count(),
        SHOP.len() + shown + ACCOUNTS.len()
    );
}

#[test]
fn the_layers_have_a_row_for_each_kind_within_a_kind_that_has_one() {
    // Else a merge would change the key of such a problem to that of its parent.
    for kind in Kind::ALL {
        let row = LAYERS.by_kind(*kind);
        assert!(row.is_none_or(|row| row.kind() == *kind), "{kind}");
    }
    for row in LAYERS.definitions() {
        assert_eq!(row.key(), row.kind().name());
        assert!(
            row.cause().ends_with('.') && row.resolution().ends_with('.'),
            "{row:?}"
        );
    }
}

macro_rules! catalog_of_many {
    ([] $b:tt {$($rows:tt)*}) => {
        catalog! {
            static MANY;
            $($rows)*
        }
    };
    ([$a:literal $($rest:literal)*] [$($b:literal)*] {$($rows:tt)*}) => {
        catalog_of_many!([$($rest)*] [$($b)*] {$($rows)* $(
            /// Nobody knows why.
            #[api(Conflict, key = concat!("a_shared_prefix_", $a, $b), message = "No")]
            const _;
        )*});
    };
}

// The compiler rejects a constant that takes some millions of steps, by `long_running_const_eval`.
#[test]
fn a_catalogue_of_six_hundred_rows_compiles() {
    catalog_of_many!(
        ["a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s" "t"]
        ["a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s" "t" "u" "v" "w" "x" "y" "z" "1" "2" "3" "4"]
        {}
    );

    assert_eq!(MANY.len(), 600);
}
