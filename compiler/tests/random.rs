#[path = "../../tests/common/random.rs"]
mod random;
use evanesce_compiler::{Layouts, Options, pipeline};
use evanesce_ir::interp;
#[test]
fn passes() {
    let mut errors = 0;
    let mut tot = (0, 0, 0, 0, 0, 0, 0);
    for seed in 0..3000u64 {
        let case = random::case(seed);
        let expected = interp::graph(&case.graph, &case.inputs);
        let options =
            Options { layouts: Layouts { inputs: case.strides.clone(), outputs: vec![] }, passes: None, verify: true };
        errors += usize::from(expected.is_err());
        let r = pipeline::run(&case.graph, &options, |event| match event.stage {
            pipeline::Stage::Program(p) => {
                let found = interp::program(p, &case.inputs);
                match (&expected, &found) {
                    (Ok(e), Ok(f)) => {
                        for (i, (e, f)) in e.iter().zip(f).enumerate() {
                            assert!(
                                random::same(e, f, case.loose[i]),
                                "seed {seed} pass {} out {i}\n{}\n{}\n{e:?}\n{f:?}",
                                event.pass,
                                case.graph,
                                p
                            );
                        }
                    }
                    (Err(_), Err(interp::Failure::Run(_))) => {}
                    _ => {
                        panic!("seed {seed} {} {:?} vs {:?}\n{}\n{p}", event.pass, expected.is_ok(), found, case.graph)
                    }
                }
            }
            pipeline::Stage::Graph(g) => {
                let found = interp::graph(g, &case.inputs);
                match (&expected, &found) {
                    (Ok(e), Ok(f)) => {
                        for (i, (e, f)) in e.iter().zip(f).enumerate() {
                            assert!(
                                random::same(e, f, case.loose[i]),
                                "seed {seed} pass {} out {i}\n{}\n{}\n{e:?}\n{f:?}",
                                event.pass,
                                case.graph,
                                g
                            );
                        }
                    }
                    (Err(_), Err(_)) => {}
                    _ => panic!("seed {seed} {}", event.pass),
                }
            }
        });
        if let Ok(p) = &r {
            let c = p.counts();
            tot.3 += c.kernels;
            tot.4 += c.temporaries;
            tot.5 += c.copies;
            tot.6 += c.calls.len();
            let n = pipeline::run(&case.graph, &Options { passes: Some(vec![]), ..options.clone() }, |_| {})
                .unwrap()
                .counts();
            tot.0 += n.kernels;
            tot.1 += n.temporaries;
            tot.2 += n.copies;
        }
        if let Err(bug) = r {
            panic!("seed {seed}: {bug}\n{}", case.graph);
        }
    }
    eprintln!("errors {errors} {tot:?}");
}
