use tower_edge_core::problem_details::ProblemDetails;
use tower_edge_core::{Catalog, Definition, DetailDefinition, DetailType, Kind, Visibility};

use crate::reference::Reference;

const MARKUP: &str = "\"'><script>x</script><b onclick='x'>&lt;";

static HOSTILE: Catalog = {
    const ROWS: &[Definition] = &[Definition::new(MARKUP, Kind::Conflict)
        .with_title(MARKUP)
        .with_message(MARKUP)
        .with_message_template("'\"><script>{x}</script>")
        .with_aliases(&["<script>alias"])
        .with_details(&[DetailDefinition::new(MARKUP, DetailType::String).with_description(MARKUP)])
        .with_cause(MARKUP)
        .with_resolution(MARKUP)
        .with_deprecation(MARKUP)];
    Catalog::at_compile_time(Catalog::new(ROWS))
};

static ERRORS: Catalog = {
    const ROWS: &[Definition] = &[
        Definition::new("first", Kind::Conflict)
            .with_aliases(&["second", "older", "old"])
            .with_details(&[
                DetailDefinition::new("shown", DetailType::Integer),
                DetailDefinition::new("hinted", DetailType::String)
                    .with_visibility(Visibility::Development),
                DetailDefinition::new("hidden", DetailType::String)
                    .with_visibility(Visibility::Internal),
            ]),
        Definition::new("second", Kind::Gone).with_aliases(&["old"]),
    ];
    Catalog::at_compile_time(Catalog::new(ROWS))
};

fn occurrences(page: &str, part: &str) -> usize {
    page.matches(part).count()
}

#[test]
fn no_text_of_a_catalogue_is_markup() {
    let reference = Reference::new(MARKUP, &HOSTILE)
        .with_named_format(MARKUP, ProblemDetails::new().with_catalog(&HOSTILE));

    let one = reference.error_html(MARKUP, "/\"'><script>").unwrap();

    for page in [reference.to_html(), one] {
        // Its own.
        assert_eq!(occurrences(&page, "<script>"), 1, "{page}");
        assert_eq!(occurrences(&page, "<b onclick"), 0);
        assert!(!page.contains(MARKUP) && !page.contains("\"'&gt;"));
        assert!(page.contains(
            "&quot;&#39;&gt;&lt;script&gt;x&lt;/script&gt;&lt;b onclick=&#39;x&#39;&gt;&amp;lt;"
        ));
    }
}

#[test]
fn an_id_occurs_once_and_is_a_key_before_it_is_an_alias() {
    let page = Reference::new("Shop", &ERRORS).to_html();

    assert_eq!(occurrences(&page, "<article id=\"first\""), 1);
    assert_eq!(occurrences(&page, "<article id=\"second\""), 1);
    for id in ["first", "second", "older", "old"] {
        assert_eq!(occurrences(&page, &format!(" id=\"{id}\"")), 1, "{id}");
    }
}

#[test]
fn a_page_loads_nothing() {
    let reference = Reference::new("Shop", &ERRORS).with_format(ProblemDetails);

    for page in [
        reference.to_html(),
        reference.error_html("old", "/all").unwrap(),
    ] {
        for part in ["://", " src=", "<link", "url(", "@import", " style="] {
            let body = page.split_once("</style>").unwrap().1;
            let body = body.split_once("<script>").unwrap().0;
            let searched = if part.starts_with(' ') { body } else { &page };
            assert!(!searched.contains(part), "{part}");
        }
    }
}

#[test]
fn a_detail_is_for_those_who_may_see_it() {
    let page = Reference::new("Shop", &ERRORS).to_html();

    assert!(page.contains("<th scope=\"row\">shown</th><td>integer</td><td></td>"));
    assert!(
        page.contains("<th scope=\"row\">hinted</th><td>string</td><td> Only in development.</td>")
    );
    assert!(!page.contains("hidden</th>"));
}

#[test]
fn one_error_is_found_by_its_key_or_the_first_that_had_it() {
    let reference = Reference::new("Shop", &ERRORS);

    for (key, found) in [("first", "first"), ("second", "second"), ("old", "first")] {
        let page = reference.error_html(key, "/all").unwrap();

        assert_eq!(occurrences(&page, "<article "), 1);
        assert!(page.contains(&format!("<article id=\"{found}\"")), "{key}");
        assert!(page.contains(&format!("<p><a href=\"/all#{found}\">All errors</a></p>")));
        assert!(page.contains(&format!("<title>{found}: Shop</title>")));
    }
    assert_eq!(reference.error_html("third", "/all"), None);
}
