//! An API with errors of all sorts, and hostile text in some.

use tower_edge::Kind;
use tower_edge::envelope::format::{GrpcWeb, ProblemDetails};
use tower_edge::problem::{Catalog, Code, Definition, DetailDefinition, DetailType, Visibility};
use tower_edge::reference::Reference;
use tower_edge_formats::{Aip193, JsonApi};

/// The errors of the shop.
static ERRORS: Catalog = {
    const ROWS: &[Definition] = &[
        Definition::new("out_of_stock", Kind::Conflict)
            .with_title("Not so many left")
            .with_message("Out of stock")
            .with_message_template("{sku} is out of stock")
            .with_aliases(&["sold_out"])
            .with_details(&[
                DetailDefinition::new("sku", DetailType::String).with_description("The article."),
                DetailDefinition::new("left", DetailType::Integer)
                    .with_description("How many are left."),
                DetailDefinition::new("warehouses", DetailType::Array(&DetailType::String))
                    .with_description("Where they are.")
                    .optional(),
                DetailDefinition::new("shard", DetailType::Integer)
                    .with_visibility(Visibility::Development),
                DetailDefinition::new("query", DetailType::String)
                    .with_visibility(Visibility::Internal),
            ])
            .with_cause("Others were faster.")
            .with_resolution("Order at most as many as are left."),
        Definition::new("no_such_article", Kind::NotFound)
            .with_message("No such article")
            .with_cause("The article does not exist, or not any more.")
            .with_resolution("Search for the article again."),
        Definition::new("address_invalid", Kind::Validation)
            .with_message("The address is not valid")
            .with_cause("Some fields of the address are not valid.")
            .with_resolution("Correct the fields that `errors` names."),
        Definition::new("card_declined", Kind::PaymentRequired)
            .with_message("The card was declined")
            .with_cause("The bank has declined the payment.")
            .with_resolution("Pay with another card.")
            .with_details(&[DetailDefinition::new("declined_at", DetailType::DateTime)]),
        Definition::new("basket_locked", Kind::Conflict)
            .with_code(Code::Integer(4091))
            .with_message("The basket is locked")
            .with_cause("An order is being made from the basket.")
            .with_deprecation("Use out_of_stock, which tells how many are left."),
        Definition::new("too_many_orders", Kind::RateLimited)
            .with_message("Too many orders")
            .with_cause("More orders than the plan allows in a minute.")
            .with_resolution("Wait as long as Retry-After says."),
        Definition::new("bank_silent", Kind::UpstreamTimeout)
            .with_message("The bank did not reply in time")
            .with_cause("The bank is slow.")
            .with_resolution("Try again with the same idempotency key."),
        Definition::new("unexpected", Kind::Internal)
            .with_message("Something went wrong")
            .with_cause("A defect of the shop.")
            .with_resolution("Tell support the error_id."),
    ];
    Catalog::at_compile_time(Catalog::new(ROWS))
};

/// Text that would be markup, wherever a row has text.
static HOSTILE: Catalog = {
    const ROWS: &[Definition] = &[
        Definition::new(MARKUP, Kind::Conflict)
            .with_title(MARKUP)
            .with_message(MARKUP)
            .with_message_template("{x}</dd><script>hacked = 1</script>")
            .with_aliases(&["' onfocus='hacked = 1' tabindex='0", "a \" b"])
            .with_details(&[
                DetailDefinition::new(MARKUP, DetailType::String).with_description(MARKUP)
            ])
            .with_cause(MARKUP)
            .with_resolution(MARKUP)
            .with_deprecation(MARKUP),
        Definition::new("long", Kind::Internal)
            .with_message(LONG)
            .with_cause(LONG)
            .with_code(Code::Text(LONG))
            .with_details(
                &[DetailDefinition::new(LONG, DetailType::Object).with_description(LONG)],
            ),
    ];
    Catalog::at_compile_time(Catalog::new(ROWS))
};

/// The shop's errors as a service sends them.
pub(crate) fn shop() -> Reference {
    let details = ProblemDetails::new()
        .with_catalog(&ERRORS)
        .with_type_base("https://shop.example/errors/");
    Reference::new("Shop API", &ERRORS)
        .with_format(details)
        .with_format(JsonApi::new().with_catalog(&ERRORS))
        .with_format(Aip193::new().with_catalog(&ERRORS))
}

/// A reference whose text is hostile.
pub(crate) fn hostile() -> Reference {
    Reference::new(MARKUP, &HOSTILE)
        .with_named_format(MARKUP, ProblemDetails::new().with_catalog(&HOSTILE))
        .with_format(GrpcWeb)
}

const LONG: &str = "a_word_that_is_longer_than_a_phone_is_wide_and_that_nothing_breaks_into_two";
const MARKUP: &str =
    "</title></style></script>\"'><script>hacked = 1</script><img src=x onerror='hacked = 1'>&lt;";
