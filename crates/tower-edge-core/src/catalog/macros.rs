/// Defines the error reference of an API: a constant for each row, and a static [`Catalog`](crate::Catalog) of all rows
/// in this order.
///
/// ```
/// use tower_edge_core::{Code, Definition, Kind, Problem, Visibility, catalog};
///
/// catalog! {
///     /// The errors of the media API.
///     pub static ERRORS;
///
///     /// The title was removed, or never existed.
///     #[api(NotFound, message = "No such title", fix = "Search for the title")]
///     pub const MEDIA_MISSING;
///     /// The plan of the account ends earlier.
///     #[api(Conflict, code = 4711, status = 403, details(left: integer, plans?: array(string)),
///         development(shard: integer))]
///     pub const PLAN_TOO_SMALL;
///     // Only a layer rejects with it, so it needs no name.
///     #[api(RateLimited, message = "Slow down")]
///     const _;
/// }
///
/// let problem = Problem::from(&MEDIA_MISSING).with_detail("id", 7);
///
/// assert_eq!(ERRORS.definition_of(&problem), Some(&MEDIA_MISSING));
/// assert_eq!(MEDIA_MISSING.key(), "media_missing");
/// assert_eq!(MEDIA_MISSING.cause(), "The title was removed, or never existed.");
/// assert_eq!((PLAN_TOO_SMALL.code(), PLAN_TOO_SMALL.status().as_u16()), (Code::Integer(4711), 403));
/// assert_eq!(PLAN_TOO_SMALL.visibility("shard"), Visibility::Development);
/// assert_eq!(ERRORS.by_kind(Kind::RateLimited).map(Definition::key), Some("rate_limited"));
/// ```
///
/// A row has a [`Kind`](crate::Kind), then any of these words:
///
/// | word | sets |
/// |---|---|
/// | `key = "…"` | the key; the default is the name of the constant, or that of the kind for `const _` |
/// | `code = "…"`, `code = 4711` | the [code](crate::Definition::with_code); the default is the key |
/// | `status = 409` | the HTTP status; the default is the kind's |
/// | `title = "…"`, `message = "…"` | the [title](crate::Definition::with_title) and the [message](crate::Definition::with_message) |
/// | `cause = "…"`, `fix = "…"` | what causes the error, and what to do about it; the default cause is the doc comment |
/// | `retry = never`, `retry = later` | whether a client may [try again](crate::Retry) |
/// | `level = debug`, `info`, `warn`, `error` | the [log level](crate::Level) |
/// | `details(name: type, name?: type)` | the [details](crate::Definition::with_details), `?` for one that may be missing |
/// | `development(name: type)` | details that clients see [in development](crate::Visibility::Development) |
/// | `deprecated = "…"`, `alias = "…"` | [what takes its place](crate::Definition::with_deprecation), and an [earlier key](crate::Definition::with_aliases), of which there may be several |
/// | `default = false` | that the row describes [no other problem of its kind](crate::Definition::with_default); it is `true` by default |
///
/// The types are `any`, `string`, `integer`, `number`, `boolean`, `date_time`, `object` and `array(type)`. A name that
/// is not one of Rust's is a string: `details("violated-policies": array(string))`. A doc comment before a name describes
/// the detail, for the reference.
///
/// Keys are in snake case. `rename_all` sets another style, with serde's words:
///
/// ```
/// use tower_edge_core::catalog;
///
/// catalog! {
///     #[api(rename_all = "kebab-case")]
///     static ERRORS;
///     #[api(NotFound)]
///     const MEDIA_MISSING;
/// }
///
/// assert_eq!(MEDIA_MISSING.key(), "media-missing");
/// assert!(ERRORS.by_key("media-missing").is_some());
/// ```
///
/// Two rows with the same key do not compile. Neither does a word that is not in the table:
///
/// ```compile_fail,E0080
/// use tower_edge_core::catalog;
///
/// catalog! {
///     static ERRORS;
///     #[api(NotFound, key = "media_missing")]
///     const _;
///     #[api(Gone)]
///     const MEDIA_MISSING;
/// }
/// ```
/// ```compile_fail
/// use tower_edge_core::catalog;
///
/// catalog! {
///     static ERRORS;
///     #[api(NotFound, mesage = "No such title")]
///     const MEDIA_MISSING;
/// }
/// ```
///
/// A row may have each word once, except `alias`:
///
/// ```compile_fail,E0415
/// use tower_edge_core::catalog;
///
/// catalog! {
///     static ERRORS;
///     #[api(NotFound, title = "Missing", title = "Not found")]
///     const MEDIA_MISSING;
/// }
/// ```
///
/// A catalogue can also [merge](crate::Catalog::merge) others:
///
/// ```
/// # use tower_edge_core::catalog;
/// # catalog! {
/// #     static SHOP;
/// #     #[api(Conflict)]
/// #     const OUT_OF_STOCK;
/// # }
/// # catalog! {
/// #     static ACCOUNTS;
/// # }
/// catalog! {
///     static ERRORS = [SHOP, ACCOUNTS];
/// }
/// # assert_eq!(ERRORS.len(), 1);
/// ```
#[macro_export]
macro_rules! catalog {
    (
        $(#[doc = $doc:literal])* #[api(rename_all = $style:literal)] $visibility:vis static $catalog:ident;
        $(
            $(#[doc = $cause:literal])* #[api($kind:ident $($words:tt)*)]
            $row_visibility:vis const $name:tt;
        )*
    ) => {
        $(
            $(#[doc = $cause])*
            $row_visibility const $name: $crate::Definition =
                $crate::catalog_row!(new $name $style [$($cause)*] $kind $($words)*);
        )*

        $(#[doc = $doc])* $visibility static $catalog: $crate::Catalog = {
            const ROWS: &[$crate::Definition] = &[$($crate::catalog_part!(
                row $name, $crate::catalog_row!(new $name $style [$($cause)*] $kind $($words)*)
            )),*];
            $crate::Catalog::at_compile_time($crate::Catalog::new(ROWS))
        };
    };
    ($(#[doc = $doc:literal])* $visibility:vis static $catalog:ident; $($rows:tt)*) => {
        $crate::catalog! {
            $(#[doc = $doc])* #[api(rename_all = "snake_case")] $visibility static $catalog;
            $($rows)*
        }
    };
    ($(#[doc = $doc:literal])* $visibility:vis static $catalog:ident = [$($part:expr),+ $(,)?];) => {
        $(#[doc = $doc])* $visibility static $catalog: $crate::Catalog = {
            const PARTS: &[&$crate::Catalog] = &[$(&$part),+];
            $crate::Catalog::at_compile_time($crate::Catalog::merge(PARTS))
        };
    };
}

/// A row: the kind, the key, the settings, the lists of details and of aliases that are read so far, and the words that
/// follow.
#[doc(hidden)]
#[macro_export]
macro_rules! catalog_row {
    (new $name:tt $style:literal [$($cause:literal)*] $kind:ident $($words:tt)*) => {{
        $crate::catalog_part!(once {} $($words)*);
        $crate::catalog_row!(
            $kind {$crate::catalog_part!(key $name $kind $style)}
            {.with_cause($crate::catalog_part!(cause $($cause)*))} {{} {}} $($words)*
        )
    }};
    ($kind:ident {$($key:tt)*} {$($row:tt)*} {{$($details:tt)*} {$($aliases:tt)*}} $(,)?) => {
        $crate::Definition::new($($key)*, $crate::Kind::$kind)$($row)*
            .with_details(&[$($details)*])
            .with_aliases(&[$($aliases)*])
    };
    ($kind:ident $key:tt $row:tt $lists:tt, key = $new:expr $(, $($rest:tt)*)?) => {
        $crate::catalog_row!($kind {$new} $row $lists $(, $($rest)*)?)
    };
    ($kind:ident $key:tt $row:tt {$details:tt {$($aliases:tt)*}}, alias = $value:expr $(, $($rest:tt)*)?) => {
        $crate::catalog_row!($kind $key $row {$details {$($aliases)* $value,}} $(, $($rest)*)?)
    };
    ($kind:ident $key:tt {$($row:tt)*} $lists:tt, cause = $value:expr $(, $($rest:tt)*)?) => {
        $crate::catalog_row!($kind $key {$($row)*.with_cause($value)} $lists $(, $($rest)*)?)
    };
    ($kind:ident $key:tt {$($row:tt)*} $lists:tt, code = $value:expr $(, $($rest:tt)*)?) => {
        $crate::catalog_row!(
            $kind $key {$($row)*.with_code($crate::catalog_words::CodeOf($value).code())} $lists
            $(, $($rest)*)?
        )
    };
    ($kind:ident $key:tt {$($row:tt)*} $lists:tt, default = $value:expr $(, $($rest:tt)*)?) => {
        $crate::catalog_row!($kind $key {$($row)*.with_default($value)} $lists $(, $($rest)*)?)
    };
    ($kind:ident $key:tt {$($row:tt)*} $lists:tt, default $(, $($rest:tt)*)?) => {
        $crate::catalog_row!($kind $key {$($row)*.with_default(true)} $lists $(, $($rest)*)?)
    };
    ($kind:ident $key:tt {$($row:tt)*} $lists:tt, deprecated = $value:expr $(, $($rest:tt)*)?) => {
        $crate::catalog_row!($kind $key {$($row)*.with_deprecation($value)} $lists $(, $($rest)*)?)
    };
    ($kind:ident $key:tt {$($row:tt)*} $lists:tt, fix = $value:expr $(, $($rest:tt)*)?) => {
        $crate::catalog_row!($kind $key {$($row)*.with_resolution($value)} $lists $(, $($rest)*)?)
    };
    ($kind:ident $key:tt {$($row:tt)*} $lists:tt, level = $value:ident $(, $($rest:tt)*)?) => {
        $crate::catalog_row!(
            $kind $key {$($row)*.with_level($crate::catalog_words::level::$value)} $lists
            $(, $($rest)*)?
        )
    };
    ($kind:ident $key:tt {$($row:tt)*} $lists:tt, message = $value:expr $(, $($rest:tt)*)?) => {
        $crate::catalog_row!($kind $key {$($row)*.with_message($value)} $lists $(, $($rest)*)?)
    };
    ($kind:ident $key:tt {$($row:tt)*} $lists:tt, retry = $value:ident $(, $($rest:tt)*)?) => {
        $crate::catalog_row!(
            $kind $key {$($row)*.with_retry($crate::catalog_words::retry::$value)} $lists
            $(, $($rest)*)?
        )
    };
    ($kind:ident $key:tt {$($row:tt)*} $lists:tt, status = $value:expr $(, $($rest:tt)*)?) => {
        $crate::catalog_row!(
            $kind $key {$($row)*.with_status($crate::catalog_words::status($value))} $lists
            $(, $($rest)*)?
        )
    };
    ($kind:ident $key:tt {$($row:tt)*} $lists:tt, title = $value:expr $(, $($rest:tt)*)?) => {
        $crate::catalog_row!($kind $key {$($row)*.with_title($value)} $lists $(, $($rest)*)?)
    };
    // `$never` matches nothing. It lets the transcriber repeat once for each `?`.
    (
        $kind:ident $key:tt $row:tt {{$($details:tt)*} $aliases:tt},
        details($($(#[doc = $about:literal])* $($name:ident)? $($text:literal)? $(? $($never:literal)?)?: $type:ident $(($($of:tt)+))?),* $(,)?)
        $(, $($rest:tt)*)?
    ) => {
        $crate::catalog_row!($kind $key $row {{$($details)* $(
            $crate::catalog_part!(detail [$($about)*] $($name)? $($text)?, $type $(($($of)+))?)$(.optional()$($never)?)?,
        )*} $aliases} $(, $($rest)*)?)
    };
    (
        $kind:ident $key:tt $row:tt {{$($details:tt)*} $aliases:tt},
        development($($(#[doc = $about:literal])* $($name:ident)? $($text:literal)? $(? $($never:literal)?)?: $type:ident $(($($of:tt)+))?),* $(,)?)
        $(, $($rest:tt)*)?
    ) => {
        $crate::catalog_row!($kind $key $row {{$($details)* $(
            $crate::catalog_part!(detail [$($about)*] $($name)? $($text)?, $type $(($($of)+))?)$(.optional()$($never)?)?
                .with_visibility($crate::Visibility::Development),
        )*} $aliases} $(, $($rest)*)?)
    };
    ($kind:ident $key:tt $row:tt $lists:tt, $word:ident $($rest:tt)*) => {
        compile_error!(concat!(
            "cannot read `", stringify!($word), "` in `#[api(…)]`: expected `key = \"…\"`, `code = \"…\"`, ",
            "`code = 7`, `status = 409`, `title = \"…\"`, `message = \"…\"`, `cause = \"…\"`, `fix = \"…\"`, ",
            "`retry = never`, `retry = later`, `level = debug` (or info, warn, error), `details(name: type)`, ",
            "`development(name: type)`, `deprecated = \"…\"`, `alias = \"…\"` or `default = false`",
        ))
    };
}

/// The parts of a row.
#[doc(hidden)]
#[macro_export]
macro_rules! catalog_part {
    // A parameter for each word but `alias`: two parameters of the same name do not compile. Anything that does not
    // match is an error of the row.
    (once {$($seen:ident)*} $(,)?) => {
        let _ = |$($seen: ()),*| { $(let () = $seen;)* };
    };
    (once $seen:tt, alias = $value:expr $(, $($rest:tt)*)?) => {
        $crate::catalog_part!(once $seen $(, $($rest)*)?);
    };
    (once {$($seen:ident)*}, $word:ident $(($($list:tt)*))? $(= $value:expr)? $(, $($rest:tt)*)?) => {
        $crate::catalog_part!(once {$($seen)* $word} $(, $($rest)*)?);
    };
    (once $($words:tt)*) => {};
    (row _, $row:expr) => { $row };
    (row $name:ident, $row:expr) => { $name };
    (key _ $kind:ident $style:literal) => {
        $crate::catalog_part!(key in $style, $crate::Kind::$kind.name())
    };
    (key $name:ident $kind:ident $style:literal) => {
        $crate::catalog_part!(key in $style, stringify!($name))
    };
    (key in $style:literal, $name:expr) => {{
        const NAME: &str = $name;
        const KEY: $crate::catalog_words::Text<{ NAME.len() }> =
            $crate::catalog_words::Text::in_style(NAME, $style);
        KEY.as_str()
    }};
    (cause) => { "" };
    (cause $($line:literal)*) => {{
        const DOC: &str = concat!($($line, "\n"),*);
        const CAUSE: $crate::catalog_words::Text<{ DOC.len() }> =
            $crate::catalog_words::Text::from_doc(DOC);
        CAUSE.as_str()
    }};
    (detail [$($about:literal)*] $name:tt, $($type:tt)+) => {
        $crate::DetailDefinition::new($crate::catalog_part!(name $name), $crate::catalog_part!(type $($type)+))
            .with_description($crate::catalog_part!(cause $($about)*))
    };
    (name $name:literal) => { $name };
    (name $name:ident) => { stringify!($name) };
    (type array($($of:tt)+)) => { $crate::DetailType::Array(&$crate::catalog_part!(type $($of)+)) };
    (type $type:ident) => { $crate::catalog_words::detail::$type };
}
