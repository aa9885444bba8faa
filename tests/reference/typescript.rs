//! Clients in TypeScript, which distinguish the errors by their codes.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;
use tower_edge::Kind;
use tower_edge::problem::{Catalog, Definition};
use tower_edge::reference::Reference;
use tower_edge_formats::JsonApi;
use tower_edge_tests::assert_is_current;

use crate::references::{self, Written};

#[test]
fn a_client_that_knows_all_codes_compiles() {
    let folder = folder("complete");
    let clients: Vec<_> = references::all()
        .iter()
        .map(|written| client(written, &folder, 0))
        .collect();

    let errors = compile(&clients);

    assert_eq!(errors, "", "{INSTALL}");
}

#[test]
fn a_client_that_misses_a_code_does_not_compile() {
    let folder = folder("incomplete");
    let clients: Vec<_> = references::all()
        .iter()
        .map(|written| client(written, &folder, 1))
        .collect();

    let errors = compile(&clients);

    for client in clients {
        let name = client.file_name().unwrap().to_str().unwrap();
        let missed = errors.lines().find(|line| line.contains(name));
        let missed = missed.unwrap_or_else(|| panic!("{name} compiles: {errors}; {INSTALL}"));
        assert!(
            missed.contains("is not assignable to type 'never'"),
            "{missed}"
        );
    }
}

#[test]
fn the_types_of_the_shop_are_current() {
    let types = &references::named("problem_details").types;

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("reference/shop.ts");
    assert_is_current(&file, types, "tower-edge-tests --test reference");
}

#[test]
fn no_text_of_a_row_ends_its_comment() {
    static ROWS: Catalog = {
        const ROWS: &[Definition] = &[Definition::new("gone", Kind::Gone)
            .with_message("Gone")
            .with_cause("One */ two\u{2028}three")
            .with_deprecation("Use one,\nor another */")];
        Catalog::at_compile_time(Catalog::new(ROWS))
    };
    let reference = Reference::new("Shop\u{2028}of\u{2029}all\nthings", &ROWS);
    let types = reference.with_format(JsonApi::new().with_catalog(&ROWS));
    let types = types.to_typescript();

    let file = folder("comments").join("types.ts");
    fs::write(&file, &types).unwrap();
    assert_eq!(compile(&[file]), "", "{INSTALL}");
    assert!(
        types.contains("\n * @deprecated Use one,\n * or another *\\/\n"),
        "{types}"
    );
}

/// Writes the types, and a client that switches over all codes but so many.
fn client(written: &Written, folder: &Path, missing: usize) -> PathBuf {
    let name = written.name;
    fs::write(folder.join(format!("{name}.ts")), &written.types).unwrap();
    let schema = &written.schema;
    let union = schema["anyOf"][0]["$ref"]
        .as_str()
        .unwrap()
        .trim_start_matches("#/$defs/");
    let (code, holder) = written.code.split_last().unwrap();
    let holder = holder
        .iter()
        .fold(String::from("body"), |path, name| match *name {
            "" => path + "[0]!",
            name => path + "." + name,
        });
    let mut cases = String::new();
    for code in codes(written, schema, union).iter().skip(missing) {
        writeln!(cases, "    case {code}: return {code};").unwrap();
    }
    let client = format!(
        "import type {{ {union} }} from \"./{name}\";\n\
        export function code(body: {union}): string | number {{\n\
        \x20 const error = {holder};\n\
        \x20 switch (error.{code}) {{\n\
        {cases}\
        \x20   default: {{ const rest: never = error; return rest; }}\n\
        \x20 }}\n\
        }}\n"
    );
    let file = folder.join(format!("{name}_client.ts"));
    fs::write(&file, client).unwrap();
    file
}

/// The constants at the place of the code, one of each schema.
fn codes(written: &Written, schema: &Value, union: &str) -> Vec<Value> {
    let schemas = schema["$defs"].as_object().unwrap().iter();
    let of_codes = schemas.filter(|(name, _)| *name != union);
    let codes = of_codes.map(|(_, schema)| {
        let code = written
            .code
            .iter()
            .fold(schema, |schema, name| match *name {
                "" => &schema["items"],
                name => &schema["properties"][name],
            });
        code["const"].clone()
    });
    codes.collect()
}

/// What the compiler says.
fn compile(files: &[PathBuf]) -> String {
    let tools = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../target/tools/reference-tools/node"
    );
    let compiler = Path::new(tools).join("node_modules/typescript/bin/tsc");
    assert!(compiler.exists(), "no compiler of TypeScript; {INSTALL}");
    let mut command = Command::new("node");
    command
        .arg(compiler)
        .args(["--strict", "--noEmit", "--pretty", "false"])
        .args(files);
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("cannot run node: {error}; {INSTALL}"));
    let printed = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&printed).into_owned()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("reference-typescript")
        .join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

const INSTALL: &str = "`cargo xtask test` installs node and the compiler of TypeScript";
