#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sinew::data {

/// Throws FileError: "PATH: line LINE: WHAT".
[[noreturn]] void fail_line(const std::string& path, std::int64_t line, const std::string& what);

/// A field as messages show it: not more than fits a line of them, nor what a terminal would obey.
std::string shown_field(std::string_view field);

/// Splits text into rows of fields (RFC 4180), without copying fields that are not quoted. The text
/// comes in pieces, of which only the present row is kept. A byte order mark is passed over.
class CsvRows {
 public:
  /// Fills a buffer with the text that follows; 0 at its end.
  using Source = std::function<std::size_t(std::span<char>)>;

  CsvRows(Source source, char separator, std::string path);
  CsvRows(std::string_view text, char separator, std::string path);

  /// The next row that is not empty; false at the end. Fields are valid until the next call. Throws
  /// FileError for an open quote, text after a closing one, and a row longer than any table's.
  bool next(std::vector<std::string_view>& fields);
  /// Number of the row's last line, from 1.
  std::int64_t line() const { return line_; }

 private:
  /// False when the text ends inside quotes.
  bool read_row(std::vector<std::string_view>& fields);
  bool add_quoted(std::vector<std::string_view>& fields);
  std::string_view plain();
  bool ends_field() const;
  /// Adds text behind what begins at `begin`, the rest is dropped; false at the end.
  bool refill(std::size_t begin);

  Source source_;
  char separator_;
  std::string path_;
  std::string buffer_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::int64_t line_ = 0;
  std::vector<std::unique_ptr<std::string>> unquoted_;
};

}  // namespace sinew::data
