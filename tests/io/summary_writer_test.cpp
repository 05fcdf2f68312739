#include "sinew/io/summary_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>

#include "io/crc32c.h"
#include "io/model_graph.h"
#include "io/protobuf.h"
#include "io/tf_record.h"
#include "sinew/base/error.h"
#include "sinew/io/file.h"

namespace sinew::io {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Crc32c, KnownValues) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);            // the usual check value
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);  // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
}

TEST(Protobuf, AsTheSpecificationEncodes) {
  // protobuf.dev/programming-guides/encoding: 150 in field 1, "testing" in field 2.
  EXPECT_EQ(ProtobufMessage().integer(1, 150).str(), "\x08\x96\x01");
  EXPECT_EQ(ProtobufMessage().bytes(2, "testing").str(), "\x12\x07testing");
  const std::string negative = ProtobufMessage().integer(1, -2).str();
  EXPECT_EQ(negative, "\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  ProtobufReader reader(negative, "test");
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.integer(), -2);
  const std::string numbers = ProtobufMessage().real(3, 0.1).single(4, 0.5f).str();
  ProtobufReader floats(numbers, "test");
  ASSERT_TRUE(floats.next());
  EXPECT_EQ(floats.real(), 0.1);
  ASSERT_TRUE(floats.next());
  EXPECT_EQ(floats.field(), 4);
  EXPECT_EQ(floats.single(), 0.5f);
  EXPECT_FALSE(floats.next());
}

TEST(Protobuf, RefusesWhatIsNoMessage) {
  for (const std::string& bytes : {std::string("\x12\x7f"), std::string("\x08"),
                                   std::string("\x0b"), std::string(12, '\xff')}) {
    ProtobufReader reader(bytes, "events");
    EXPECT_THROW(reader.next(), FileError);
  }
}

class SummaryWriterTest : public ::testing::Test {
 protected:
  SummaryWriterTest()
      : folder_(fs::temp_directory_path() / ("sinew_events_" + std::to_string(::getpid()))) {}
  ~SummaryWriterTest() override { fs::remove_all(folder_); }

  /// The one value of the file's last summary: tag, plugin, and the TensorProto's bytes.
  struct Value {
    std::string tag, plugin, tensor;
    std::int64_t step = 0;
  };
  static Value last_value(const SummaryWriter& writer) {
    TfRecordReader records(writer.path());
    std::string last;
    while (const auto record = records.next()) last = *record;
    Value value;
    for (ProtobufReader event(last, "event"); event.next();) {
      if (event.field() == 2) value.step = event.integer();
      if (event.field() != 5) continue;
      ProtobufReader summary = event.message();
      EXPECT_TRUE(summary.next());
      for (ProtobufReader field = summary.message(); field.next();) {
        if (field.field() == 1) value.tag = field.bytes();
        if (field.field() == 8) value.tensor = field.bytes();
        if (field.field() != 9) continue;
        ProtobufReader metadata = field.message();
        EXPECT_TRUE(metadata.next());
        ProtobufReader plugin = metadata.message();
        EXPECT_TRUE(plugin.next());
        value.plugin = plugin.bytes();
      }
    }
    return value;
  }
  /// A field of bytes of a message.
  static std::vector<std::string> bytes_in(const std::string& message, int number) {
    std::vector<std::string> found;
    for (ProtobufReader field(message, "message"); field.next();) {
      if (field.field() == number) found.emplace_back(field.bytes());
    }
    return found;
  }
  static std::vector<double> doubles_of(const std::string& tensor) {
    const std::string content = bytes_in(tensor, 4).at(0);
    std::vector<double> values(content.size() / sizeof(double));
    std::memcpy(values.data(), content.data(), content.size());
    return values;
  }

  fs::path folder_;
};

TEST_F(SummaryWriterTest, Scalars) {
  SummaryWriter writer(folder_ / "run");
  EXPECT_THAT(writer.path(), HasSubstr("/run/events.out.tfevents."));
  writer.scalar("epoch_loss", 0.25, 7);
  writer.flush();
  const Value value = last_value(writer);
  EXPECT_EQ(value.tag, "epoch_loss");
  EXPECT_EQ(value.plugin, "scalars");
  EXPECT_EQ(value.step, 7);
  EXPECT_EQ(value.tensor, ProtobufMessage().integer(1, 1).bytes(2, "").single(5, 0.25f).str());
}

TEST_F(SummaryWriterTest, Histograms) {
  SummaryWriter writer(folder_);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  writer.histogram("w", Tensor::from<float>({0, 1, 1.5, 4, nan}, {5}), 1, 2);
  writer.flush();
  EXPECT_EQ(last_value(writer).plugin, "histograms");
  EXPECT_THAT(doubles_of(last_value(writer).tensor), ElementsAre(0, 2, 3, 2, 4, 1));
  writer.histogram("w", Tensor::full({3}, 2), 1, 2);
  writer.flush();
  EXPECT_THAT(doubles_of(last_value(writer).tensor), ElementsAre(2, 2, 0, 2, 2, 3));
  EXPECT_THROW(writer.histogram("w", Tensor({3}), 1, 0), ValueError);
}

TEST_F(SummaryWriterTest, Images) {
  SummaryWriter writer(folder_);
  writer.image("x", Tensor({5, 2, 3, 1}), 0);
  writer.flush();
  const auto strings = bytes_in(last_value(writer).tensor, 8);
  ASSERT_EQ(strings.size(), 5u) << "width, height and three images";
  EXPECT_EQ(strings[0], "3");
  EXPECT_EQ(strings[1], "2");
  EXPECT_EQ(strings[2].substr(1, 3), "PNG");
  for (const Shape& shape : {Shape{2, 3, 1}, Shape{1, 2, 3, 2}, Shape{1, 0, 3, 1}})
    EXPECT_THROW(writer.image("x", Tensor(shape), 0), ShapeError);
}

TEST_F(SummaryWriterTest, GraphsAreOfLayersAndWhatTheyTake) {
  const std::string tensor =
      R"({"class_name": "__keras_tensor__", "config": {"keras_history": ["a", 0, 0]}})";
  const std::string functional =
      R"({"class_name": "Functional", "config": {"layers": [)"
      R"({"class_name": "InputLayer", "config": {"name": "a"}, "inbound_nodes": []},)"
      R"({"class_name": "Add", "config": {"name": "b"}, "inbound_nodes": [{"args": [[)" +
      tensor + "," + tensor + R"(]], "kwargs": {}}]}]}})";
  const std::string sequential =
      R"({"config": {"layers": [{"class_name": "InputLayer", "config": {"name": "a"}},)"
      R"({"class_name": "Dense", "config": {"name": "b"}}]}})";
  const auto nodes = [](const std::string& json) {
    std::string text;
    const std::string graph = graph_def_of(json);
    for (const std::string& node : bytes_in(graph, 1)) {
      text += bytes_in(node, 1).at(0) + ":" + bytes_in(node, 2).at(0);
      for (const std::string& input : bytes_in(node, 3)) text += " " + input;
      text += ";";
    }
    return text;
  };
  EXPECT_EQ(nodes(functional), "a:InputLayer;b:Add a a;");
  EXPECT_EQ(nodes(sequential), "a:InputLayer;b:Dense a;");
  SummaryWriter writer(folder_);
  writer.graph(sequential);
  writer.flush();
  EXPECT_EQ(last_value(writer).plugin, "graph_keras_model");
  EXPECT_THROW(writer.graph("[]"), ValueError);
}

TEST_F(SummaryWriterTest, NamesTheFolderThatCannotBeMade) {
  try {
    SummaryWriter("/proc/absent/x");
    FAIL();
  } catch (const FileError& error) {
    EXPECT_THAT(error.what(), HasSubstr("folder '/proc/absent/x' cannot be made"));
  }
}

TEST_F(SummaryWriterTest, RecordsThatAreBeingWrittenAreWaitedFor) {
  fs::create_directories(folder_);
  const std::string path = folder_ / "records";
  const std::string whole = tf_record("first") + tf_record("second");
  write_file(path, whole.substr(0, whole.size() - 3));
  TfRecordReader reader(path);
  EXPECT_EQ(reader.next(), "first");
  EXPECT_EQ(reader.next(), std::nullopt);
  {
    std::FILE* file = std::fopen(path.c_str(), "ab");
    std::fwrite(whole.data() + whole.size() - 3, 1, 3, file);
    std::fclose(file);
  }
  EXPECT_EQ(reader.next(), "second");
  EXPECT_EQ(reader.next(), std::nullopt);
}

TEST_F(SummaryWriterTest, DamagedRecordsAreRefused) {
  fs::create_directories(folder_);
  const std::string path = folder_ / "records";
  for (const std::size_t byte : {std::size_t{3}, std::size_t{14}}) {
    std::string whole = tf_record("first");
    whole[byte] = static_cast<char>(whole[byte] ^ 1);
    write_file(path, whole);
    TfRecordReader reader(path);
    try {
      reader.next();
      FAIL();
    } catch (const FileError& error) {
      EXPECT_THAT(error.what(), HasSubstr("the record at byte 0 is damaged"));
    }
  }
}

}  // namespace
}  // namespace sinew::io
