#pragma once

#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sinew/base/philox.h"
#include "sinew/base/tensor.h"

namespace sinew::data {

/// One example, or one batch of them: its tensors, such as {image, label}. Tensors may share their
/// buffers with the data set they come from: change a clone().
using Element = std::vector<Tensor>;

/// What the order and the random numbers of a pass depend on.
struct Pass {
  std::uint64_t seed = 0;
  std::uint64_t epoch = 0;
};

/// One pass through a data set. One thread at a time may use it.
class ElementStream {
 public:
  virtual ~ElementStream() = default;
  /// The next element; false at the end of the pass, and ever after. Throws what the data set's
  /// functions and readers throw, with the number of the element; the pass has then ended.
  virtual bool next(Element& element) = 0;
  /// Leaves out up to `count` elements, without making them where that can be; how many there were.
  virtual std::int64_t skip(std::int64_t count);
};

/// Of Dataset::size(): the elements never end.
inline constexpr std::int64_t kEndless = -1;

struct MapOptions {
  /// Elements that are worked at at a time; 0: as many as there are cores, 1: none ahead.
  int threads = 0;
};
struct ShuffleOptions {
  std::uint64_t seed = 0;
  /// Another order in each epoch, as for Pass::epoch.
  bool each_epoch = true;
};
struct BatchOptions {
  bool drop_remainder = false;
};
struct PaddedBatchOptions {
  /// One shape a tensor of an element; -1 stands for the longest of the batch. Empty: the longest,
  /// everywhere.
  std::vector<Shape> padded_shapes = {};
  /// One a tensor, or empty for zeros.
  std::vector<double> padding_values = {};
  bool drop_remainder = false;
};
struct BucketOptions {
  /// What is measured; by default the outermost extent of the first tensor.
  std::function<std::int64_t(const Element&)> length = {};
  /// Elements of a length below boundaries[0], from there to below boundaries[1], …, at least the
  /// last one are batched with their like. Rising.
  std::vector<std::int64_t> boundaries;
  /// One more than the boundaries.
  std::vector<std::int64_t> batch_sizes;
  std::vector<double> padding_values = {};
  bool drop_remainder = false;
};
struct WindowOptions {
  /// Elements from the begin of one window to that of the next, and from one element of a window to
  /// the next.
  std::int64_t shift = 1;
  std::int64_t stride = 1;
  bool drop_remainder = true;
};

/// Elements made on the way, in an order that a seed and an epoch fix: tf.data's Dataset. A data
/// set is a description; open() starts a pass, in which only the elements under way are in memory.
/// Passes of one Pass are equal whatever the number of threads. Copies share the description.
///
///     auto set = Dataset::from_tensors({images, labels})
///                    .shuffle(10'000)
///                    .map([](Element e) { return Element{augment(e[0]), e[1]}; })
///                    .batch(32)
///                    .prefetch();
class Dataset {
 public:
  class Node;
  explicit Dataset(std::shared_ptr<const Node> node) : node_(std::move(node)) {}

  /// The rows of tensors with as many rows each: Keras's from_tensor_slices. Throws ValueError when
  /// there are none, ShapeError when their rows differ.
  static Dataset from_tensors(std::vector<Tensor> tensors);
  /// What functions give until they return nothing; `make` is called for each pass and returns such
  /// a function.
  static Dataset from_generator(std::function<std::function<std::optional<Element>()>(Pass)> make);
  /// Int64 scalars begin, begin + step, … before end.
  static Dataset range(std::int64_t begin, std::int64_t end, std::int64_t step = 1);
  /// Elements {a's tensors…, b's tensors…, …}, as many as the shortest has.
  static Dataset zip(const std::vector<Dataset>& sets);
  /// Windows of a series, as Keras's timeseries_dataset_from_array: element i is {data rows i s, i
  /// s
  /// + r, … (sequence_length of them), targets row i s} with s = sequence_stride and r =
  /// sampling_rate. `targets` may be undefined.
  static Dataset windows_of(const Tensor& data, const Tensor& targets, std::int64_t sequence_length,
                            std::int64_t sequence_stride = 1, std::int64_t sampling_rate = 1);

  /// f(element), on threads, in the order of the elements. `f` must be callable by several threads.
  Dataset map(std::function<Element(Element)> f, MapOptions options = {}) const;
  /// The same with random numbers of its own for each element, that depend on the pass and the
  /// element's number alone.
  Dataset map(std::function<Element(Element, PhiloxStream&)> f, MapOptions options = {}) const;
  Dataset filter(std::function<bool(const Element&)> keep) const;
  /// Draws each element from `buffer` that are held: all orders are equally likely when it holds
  /// all, otherwise an element comes at most `buffer` places early. Throws ValueError below 1.
  Dataset shuffle(std::int64_t buffer, ShuffleOptions options = {}) const;
  /// `size` elements stacked along a new first axis; a last batch may have fewer. Elements whose
  /// shapes differ throw ShapeError: see padded_batch.
  Dataset batch(std::int64_t size, BatchOptions options = {}) const;
  /// The same with elements brought to one shape: what they lack is padded at the end of each axis.
  Dataset padded_batch(std::int64_t size, PaddedBatchOptions options = {}) const;
  /// Padded batches of elements of like length: tf.data's bucket_by_sequence_length.
  Dataset bucket_by_length(BucketOptions options) const;
  /// Rows of the elements: undoes batch().
  Dataset unbatch() const;
  /// Elements stacked in windows that may overlap, each a new element.
  Dataset window(std::int64_t size, WindowOptions options = {}) const;
  /// Keeps the elements of the first whole pass in memory, for all that follow.
  Dataset cache() const;
  /// The same in a file, which is written whole or not at all and read, a piece at a time, by later
  /// programs too: who changes what comes before must delete it. Throws FileError.
  Dataset cache(const std::string& path) const;
  /// Makes up to `count` elements ahead on a thread of its own.
  Dataset prefetch(std::int64_t count = 2) const;
  /// Passes one after the other, each as of an epoch of its own; kEndless: for ever.
  Dataset repeat(std::int64_t count = kEndless) const;
  Dataset take(std::int64_t count) const;
  Dataset skip(std::int64_t count) const;
  /// Of every `count` elements number `index`: one machine's or process's part.
  Dataset shard(std::int64_t count, std::int64_t index) const;
  Dataset concatenate(const Dataset& next) const;

  /// Elements of a pass; kEndless, or nothing where only a pass can tell.
  std::optional<std::int64_t> size() const;
  std::unique_ptr<ElementStream> open(Pass pass = {}) const;

  /// For range-based loops: the pass of seed 0 and epoch 0.
  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = Element;
    const Element& operator*() const { return element_; }
    Iterator& operator++() {
      if (!stream_->next(element_)) stream_.reset();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return stream_ == nullptr; }

   private:
    friend class Dataset;
    explicit Iterator(std::shared_ptr<ElementStream> stream) : stream_(std::move(stream)) {
      ++*this;
    }
    std::shared_ptr<ElementStream> stream_;
    Element element_;
  };
  Iterator begin() const { return Iterator(open()); }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::shared_ptr<const Node> node_;
};

}  // namespace sinew::data
