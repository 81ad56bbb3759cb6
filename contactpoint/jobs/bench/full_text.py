"""The second peer: tantivy, Lucene's kin, with fuzzy terms, on the same rows.

One field holds all names, so that swapped ones are found; the date and the year are terms of their own.
Exact terms outweigh fuzzy ones by their rarity (BM25), as such an engine does when nobody tunes it further.
"""

import shutil
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from contactpoint.jobs.bench.questions import Answer, Question
from contactpoint.progress import Progress

MEMORY = 512 * 1024 * 1024  # bytes that its writer may use
Row = tuple[int, str, str, str, str]  # number, given names, family name, ISO birth date, folded postcodes
FUZZY, EXACT, DATE, YEAR, POSTCODE = 1.0, 0.5, 4.0, 1.0, 4.0


def _tantivy() -> Any:
    try:
        import tantivy
    except ImportError as error:
        raise click.ClickException(
            "The peer tantivy is not installed: run `make setup`, or leave it out with --without-tantivy."
        ) from error
    return tantivy


def build_full_text(
    *, rows: Iterable[Row], total: int, folder: Path, progress: Progress
) -> tuple[Any, float]:
    """Index the rows in that folder; gives the index and the seconds it took."""
    tantivy = _tantivy()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began = time.perf_counter()
    build = tantivy.SchemaBuilder()
    build.add_integer_field("number", stored=True, indexed=False, fast=True)
    build.add_text_field("names", tokenizer_name="folded", index_option="freq")
    for field in ("born", "year", "postcode"):
        build.add_text_field(field, tokenizer_name="whitespace", index_option="basic")
    index = tantivy.Index(build.build(), path=str(folder))
    _register(tantivy, index)
    writer = index.writer(heap_size=MEMORY, num_threads=1)
    for done, (number, given, family, born, postcodes) in enumerate(rows):
        if done % 10_000 == 0:
            progress("Indexing for the peer tantivy", done, total)
        writer.add_document(
            tantivy.Document(
                number=number, names=f"{given} {family}", born=born, year=born[:4], postcode=postcodes
            )
        )
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    progress("Indexing for the peer tantivy", total, total)
    return index, time.perf_counter() - began


def ask_full_text(index: Any, *, questions: Sequence[Question], progress: Progress) -> list[Answer]:
    """Ask one after the other."""
    tantivy = _tantivy()
    words = _analyser(tantivy)
    searcher = index.searcher()
    answers = []
    for number, question in enumerate(questions):
        progress("Asking the peer tantivy", number, len(questions))
        began = time.perf_counter()
        query = _query(tantivy, index.schema, words, question)
        hits = searcher.search(query, 10, count=False).hits
        found = tuple(int(searcher.doc(address)["number"][0]) for _, address in hits)
        took = time.perf_counter() - began
        answers.append(Answer(question.trouble, found, took, bool(question.wanted.intersection(found))))
    progress("Asking the peer tantivy", len(questions), len(questions))
    return answers


def _analyser(tantivy: Any) -> Any:
    build = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    return build.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold()).build()


def _register(tantivy: Any, index: Any) -> None:
    index.register_tokenizer("folded", _analyser(tantivy))
    index.register_tokenizer(
        "whitespace", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    )


def _query(tantivy: Any, schema: Any, words: Any, question: Question) -> Any:
    """Every part may match; the score decides."""
    make, should = tantivy.Query, tantivy.Occur.Should
    parts = []
    for word in words.analyze(f"{question.given_name} {question.family_name}"):
        parts.append(make.boost_query(make.fuzzy_term_query(schema, "names", word, 1, True), FUZZY))
        parts.append(make.boost_query(make.term_query(schema, "names", word), EXACT))
    if len(question.birth_date) == 10:
        parts.append(
            make.boost_query(
                make.const_score_query(make.term_query(schema, "born", question.birth_date), 1.0), DATE
            )
        )
    parts.append(
        make.boost_query(
            make.const_score_query(make.term_query(schema, "year", question.birth_date[:4]), 1.0), YEAR
        )
    )
    if question.postcode:
        folded = question.postcode.replace(" ", "")
        parts.append(
            make.boost_query(
                make.const_score_query(make.term_query(schema, "postcode", folded), 1.0), POSTCODE
            )
        )
    return make.boolean_query([(should, part) for part in parts])
