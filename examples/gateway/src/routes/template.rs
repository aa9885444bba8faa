/// The template of this path's route, such as `/{prefix}/api/media/{id}`. The prefixes share theirs, so that metrics have
/// few series.
pub(crate) fn template(path: &str) -> Option<&'static str> {
    TEMPLATES.into_iter().find(|template| {
        let (mut template, mut path) = (template.split('/'), path.split('/'));
        loop {
            match (template.next(), path.next()) {
                (None, None) => return true,
                (Some("{prefix}"), Some(prefix)) if PREFIXES.contains(&prefix) => {}
                (Some("{id}" | "{name}"), Some(value)) if !value.is_empty() => {}
                (Some(word), Some(same)) if word == same && !word.starts_with('{') => {}
                _ => return false,
            }
        }
    })
}

const PREFIXES: [&str; 6] = [
    "ads",
    "medianest",
    "plexichat",
    "plexmcp",
    "problem",
    "routermcp",
];
const TEMPLATES: [&str; 8] = [
    "/healthz",
    "/{prefix}/api/media",
    "/{prefix}/api/media/{id}",
    "/{prefix}/api/panic",
    "/{prefix}/api/private",
    "/{prefix}/api/upstream/{name}",
    "/{prefix}/mcp",
    "/{prefix}/mcp/",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_the_template_of_its_route_or_none() {
        for (path, known) in [
            ("/healthz", Some("/healthz")),
            ("/ads/api/media/7", Some("/{prefix}/api/media/{id}")),
            ("/ads/mcp/", Some("/{prefix}/mcp/")),
            ("/ads/api/media/", None),
            ("/ads/api/media/7/8", None),
            ("/ads/api/medium/7", None),
            ("/other/api/media/7", None),
            ("/{prefix}/api/media/7", None),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(template(path), known, "{path}");
        }
    }
}
