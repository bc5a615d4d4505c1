"""What the reason codes mean: of rejected, set aside and adjusted annotations.

A code is stable, since builds and users count by it. docs/rules.md is made from these tables. A
reader of one's own may have further codes.
"""

from __future__ import annotations

REJECTED: dict[str, str] = {
    "bad_json": "The line or value is broken JSON.",
    "bad_item": "The item is not an object, or lacks a key, or has one twice, or of a wrong type.",
    "bad_row": "The row of a table cannot be read.",
    "bad_id": "The video id is no text, is empty, holds control characters or leads elsewhere.",
    "bad_split": "The row's split is not train, validation or test.",
    "bad_language": "The row's language is no code such as `en` or `pt-BR`.",
    "bad_duration": "The video's length is no number of seconds above 0.",
    "bad_time": "A time is no number, or no timecode where one is expected.",
    "not_finite": "A time is NaN or infinite.",
    "length_mismatch": "Lists that belong together have different lengths.",
    "duplicate_key": "The file holds this key already; the first one is used.",
    "no_question": "The recipe is about questions, and the annotation has none.",
    "no_events": "The item has no annotations.",
    "no_evidence": "The annotation names no stretch of the video that shows it.",
    "untied": "The question has no time, and its words lead to no scene, or to several.",
    "bad_tags": "Tags that mark the evidence in an answer are empty, unpaired, or do not fit the evidence.",
    "hidden_label": "The corpus hides the labels of its test split; a placeholder stands there.",
    "no_query": "The prompt quotes no query, so nobody knows what the stretch answers.",
    "not_text": "The text is something else than a string.",
    "empty_text": "Nothing visible is left of the text.",
    "reversed": "The event starts after its end. Which of the two is wrong nobody knows.",
    "zero_length": "The event starts and ends at the same time, so it shows nothing.",
    "before_start": "The event starts before the video by more than the tolerance, or ends there.",
    "past_end": "The event ends after the video by more than the tolerance, or starts there.",
    "past_decoded_end": "The event lies where the file, shorter than promised, does not decode.",
    "needs_video": "An end or a frame rate is only in the video, and the video is not there.",
    "video_missing": "No file under the media roots has this id, and frames or clips need it.",
    "video_empty": "The video file has no bytes.",
    "video_unreadable": "The file cannot be opened as a video.",
    "no_video_stream": "The file has no video stream; a cover picture is none.",
    "no_frames": "The video stream has no frame that is shown.",
    "nothing_decodes": "Not one frame can be decoded.",
    "time_jumps_back": "The stream's time stamps go back, so no time has one frame.",
    "decoder_refused": "The decoder asked for is known to be wrong on such files.",
    "decoder_error": "The decoder failed in a way that nobody foresaw; please report it.",
    "decoder_crash": "The file killed the decoding process.",
    "not_copied": "The video could not be copied from its store; the next run tries again.",
    "timeout": "Decoding took longer than `video.timeout_s`; the next run tries again.",
    "bad_answer_json": "The model's reply is not one JSON object of clean texts, as asked for.",
    "no_answer": "The model's reply, its question or its answer is empty.",
    "unknown_type": "The model gave its question a type that it was not offered.",
    "too_long": "The model's question or answer has more words than the recipe allows.",
    "leaks": "The model's text holds a phrase of schemas/leak_phrases.txt (rule X2).",
    "repeats_caption": "The model's question or answer says what a caption says, and no more.",
    "tells_ahead": "The question comes before its clip, and gives away what the clip shows.",
    "not_absent": "A hallucination question is about what a caption holds, or is not denied.",
    "cut_off": "The model's reply reached `llm.max_tokens` before its end.",
    "content_filter": "The server's content filter stopped the reply, or the model declined.",
    "llm_error": "The server failed at this request again and again; the next run tries again.",
    "not_in_cache": "`--replay` makes no request, and the request cache lacks the reply.",
    "rule_broken": "The record breaks one of the rules; the message names it.",
}

SET_ASIDE: dict[str, str] = {
    "limit": "Beyond `--limit`.",
    "exclude": "The source video is in the `--exclude` file.",
    "split_conflict": "The source video is in a stronger split too: test > validation > train.",
    "negative": "A negative takes its place, or asks about another event of its video.",
    "mix": "The mix did not draw the record; counted in records.",
    "duplicate_id": "An earlier build of the mix has a record of this id; counted in records.",
    "duplicate_item": "The same annotation of the same video in another file of the source.",
}

ADJUSTED: dict[str, str] = {
    "clamped_start": "The event began a little before the video and now begins at 0.",
    "clamped_end": "The event ended a little after the video and now ends with it.",
    "merged": "Ended within one sampling step of others; together they are one answer.",
    "out_of_order": "Listed below an event that starts later; answers come in the order of ends.",
    "overlapping": "Starts before an event listed above it has ended; both are kept as they are.",
    "evidence_between_frames": "No sampled frame shows the evidence, so the answer is not learned.",
    "no_negative": "A negative was due, but no other video's question fits; it stays as it is.",
    "shortened_stream": "The file holds less than its length promises; the stream ends with it.",
}
