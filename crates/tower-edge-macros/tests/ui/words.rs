use tower_edge::ApiError;

#[derive(Debug, ApiError)]
#[api(rename_all = "SNAKE_CASE", titel = "a", title = "a")]
enum Words {
    #[api(Conflict, titel = "a")]
    Misspelt { #[api(detials)] sku: String },
    #[api(Conflit)]
    Kind,
    #[api(Conflict, zebra)]
    Far { #[api(zebra)] sku: String },
    #[api(Conflict, detail, rename_all = "x")]
    Misplaced { #[api(title = "a", Conflict, crate = "x")] sku: String },
    #[api(Conflict, retry = latr, level = loud)]
    Values,
    #[api(Conflict, retry = "later", level)]
    Texts,
    #[api(Conflict, status = 200, code = true, title = 7, default = 1)]
    Types,
    #[api(Conflict, title = "a", title = "b", Gone)]
    Twice { #[api(detail, detail)] sku: String },
    #[api(Conflict; Gone)]
    Syntax,
    NoKind,
    #[api(title = "a")]
    NoKindEither,
}

fn main() {}
