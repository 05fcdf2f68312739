#include "data/csv_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "sinew/base/error.h"

namespace sinew::data {

void fail_line(const std::string& path, std::int64_t line, const std::string& what) {
  throw FileError(fmt::format("{}: line {}: {}", path, line, what));
}

std::string shown_field(std::string_view field) {
  constexpr std::size_t kLongest = 40;
  std::string text(field.substr(0, kLongest));
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  return field.size() > kLongest ? text + "..." : text;
}

CsvRows::CsvRows(Source source, char separator, std::string path)
    : source_(std::move(source)), separator_(separator), path_(std::move(path)) {
  refill(0);
  // Spreadsheets put a byte order mark before UTF-8.
  if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
}

CsvRows::CsvRows(std::string_view text, char separator, std::string path)
    : separator_(separator), path_(std::move(path)), text_(text) {
  if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
}

bool CsvRows::next(std::vector<std::string_view>& fields) {
  for (;;) {
    if (at_ >= text_.size() && !refill(at_)) return false;
    const std::size_t begin = at_;
    const std::int64_t line = line_++;
    fields.clear();
    unquoted_.clear();
    const bool whole = read_row(fields);
    // A row that ends with the buffer may go on behind it.
    if (at_ >= text_.size() && refill(begin)) {
      line_ = line;
      continue;
    }
    if (!whole) fail_line(path_, line + 1, "a quoted field is never closed");
    if (fields.size() > 1 || !fields[0].empty()) return true;
  }
}

bool CsvRows::refill(std::size_t begin) {
  constexpr std::size_t kPiece = 1 << 20, kLongestRow = 1 << 26;
  if (!source_) return false;
  const std::size_t kept = text_.size() - begin;
  if (kept > kLongestRow) {
    fail_line(path_, line_,
              fmt::format("a row of more than {} bytes: is this a table?", kLongestRow));
  }
  // Twice as much each time, so that a long row is not read again and again.
  std::string piece(std::max(kPiece, kept), '\0');
  piece.resize(source_(piece));
  if (piece.empty()) {
    source_ = nullptr;
    return false;
  }
  buffer_.erase(0, begin);
  buffer_ += piece;
  text_ = buffer_;
  at_ = 0;
  return true;
}

bool CsvRows::read_row(std::vector<std::string_view>& fields) {
  for (;;) {
    if (at_ < text_.size() && text_[at_] == '"') {
      if (!add_quoted(fields)) return false;
    } else {
      fields.push_back(plain());
    }
    if (at_ >= text_.size()) return true;
    const char end = text_[at_++];
    if (end == separator_) continue;
    if (end == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
    return true;
  }
}

bool CsvRows::ends_field() const {
  return text_[at_] == separator_ || text_[at_] == '\n' || text_[at_] == '\r';
}

std::string_view CsvRows::plain() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && !ends_field()) ++at_;
  return text_.substr(begin, at_ - begin);
}

bool CsvRows::add_quoted(std::vector<std::string_view>& fields) {
  std::string field;
  for (++at_;; ++at_) {
    if (at_ >= text_.size()) return false;
    if (text_[at_] == '\n') ++line_;
    if (text_[at_] == '"') {
      if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
      ++at_;
    }
    field += text_[at_];
  }
  ++at_;
  if (at_ < text_.size() && !ends_field()) {
    fail_line(path_, line_,
              fmt::format("text follows the closing quote of \"{}\"", shown_field(field)));
  }
  unquoted_.push_back(std::make_unique<std::string>(std::move(field)));
  fields.push_back(*unquoted_.back());
  return true;
}

}  // namespace sinew::data
