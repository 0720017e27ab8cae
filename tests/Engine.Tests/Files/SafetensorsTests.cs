using System.Buffers.Binary;
using System.Text;

namespace IlgpuSpp.Engine.Tests;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Target => _folder.File("model.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_written_is_read()
    {
        float[] weights = TestValues.Uniform(2 * 3 * 4 * 5, 1), bias = [1.5f, float.NaN, float.NegativeInfinity, -0f];
        SafetensorsWriter.Write(Target,
            [new NamedTensor("conv1.weight", new Shape(2, 3, 4, 5), weights), new NamedTensor("ü \"b\"", new Shape(4), bias), new NamedTensor("none", new Shape(0, 3), default)],
            new Dictionary<string, string> { ["format"] = "pt", ["classes"] = "[\"Käse\",\"犬\"]" });

        using SafetensorsFile file = SafetensorsFile.Open(Target);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal("[\"Käse\",\"犬\"]", file.Metadata["classes"]);
        Assert.Equal(["conv1.weight", "none", "ü \"b\""], file.Names.Order(StringComparer.Ordinal));
        Assert.Equal([2, 3, 4, 5], file.Shape("conv1.weight"));
        Assert.Equal([0, 3], file.Shape("none"));
        Assert.Equal("F32", file.Type("conv1.weight"));
        Assert.Equal(120, file.Count("conv1.weight"));
        var read = new float[120];
        file.ReadFloats("conv1.weight", read);
        Assert.Equal(weights, read);
        var readBias = new float[4];
        file.ReadFloats("ü \"b\"", readBias);
        Assert.Equal(bias.Select(BitConverter.SingleToInt32Bits), readBias.Select(BitConverter.SingleToInt32Bits));
        Assert.True(file.Contains("none"));
        Assert.False(file.Contains("NONE"));
    }

    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        SafetensorsWriter.Write(Target, [new NamedTensor("w", new Shape(2), new[] { 1f, -2f })], new Dictionary<string, string>());
        const string json = """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";
        int length = (json.Length + 7) / 8 * 8;
        byte[] expected = [.. BitConverter.GetBytes((long)length), .. Encoding.UTF8.GetBytes(json.PadRight(length)), 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0];
        Assert.Equal(expected, File.ReadAllBytes(Target));
    }

    [Fact]
    public void Other_number_types_are_converted()
    {
        byte[] data =
        [
            0x00, 0x3C, 0x00, 0xC1, 0xFF, 0x7B, 0x01, 0x00, // F16: 1, −2.5, 65504, 2⁻²⁴
            0x80, 0x3F, 0x49, 0xC0, // BF16: 1, −3.140625
            0xFE, 0xFF, 0xFF, 0xFF, // I32: −2
            0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, // I64: 2³²
            0x18, 0x2D, 0x44, 0x54, 0xFB, 0x21, 0x09, 0x40, // F64: π
        ];
        Write("""{"h":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[8,12]},"i":{"dtype":"I32","shape":[],"data_offsets":[12,16]},"l":{"dtype":"I64","shape":[1],"data_offsets":[16,24]},"d":{"dtype":"F64","shape":[1],"data_offsets":[24,32]}}""", data);
        using SafetensorsFile file = SafetensorsFile.Open(Target);
        Assert.Equal([1f, -2.5f, 65504f, MathF.Pow(2, -24)], Read(file, "h"));
        Assert.Equal([1f, -3.140625f], Read(file, "b"));
        Assert.Equal([-2f], Read(file, "i"));
        Assert.Empty(file.Shape("i"));
        Assert.Equal([4294967296f], Read(file, "l"));
        Assert.Equal([MathF.PI], Read(file, "d"));
    }

    public static TheoryData<string, string> BrokenHeaders => new()
    {
        { "", "JSON object" },
        { "[]", "JSON object" },
        { "{", "valid JSON" },
        { """{"w":1}""", "not described by an object" },
        { """{"w":{"dtype":"F32","shape":[2]}}""", "needs dtype" },
        { """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", "needs dtype" },
        { """{"w":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}""", "unknown type" },
        { """{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "does not have 8 bytes" },
        { """{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "whole numbers" },
        { """{"w":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", "whole numbers" },
        { """{"w":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}""", "whole numbers" },
        { """{"w":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", "not a list" },
        { """{"w":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,8]}}""", "does not have" },
        { """{"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", "claims bytes" },
        { """{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "claims bytes" },
        { """{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "at the end" },
        { """{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "belong to no tensor" },
        { """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"v":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "overlaps" },
        { """{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "valid JSON" },
        { """{"w":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "valid JSON" },
        { """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"extra":1}}""", "unknown or misplaced" },
        { """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"__metadata__":[]}""", "not an object" },
        { """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"__metadata__":{"a":1}}""", "not a string" },
        { """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"__metadata__":{"a":"\ud800"}}""", "Unicode" },
        { """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"__metadata__":{"a":"1","a":"2"}}""", "'a' twice" },
        { """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}x""", "valid JSON" },
        { """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}{}""", "valid JSON" },
        { """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},}""", "valid JSON" },
        { """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", "needs dtype" },
        { """{"w":{"dtype":"F32","shape":[""" + string.Join(',', Enumerable.Repeat("1", 100)) + """],"data_offsets":[0,4]}}""", "more than 64 numbers" },
    };

    [Theory, MemberData(nameof(BrokenHeaders))]
    public void Headers_that_break_the_format_are_refused(string json, string reason)
    {
        Write(json, new byte[8]);
        var error = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(Target));
        Assert.Equal(Target, error.Path);
        Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_header_takes_memory_in_proportion()
    {
        const int Tensors = 40_000;
        string json = "{" + string.Join(',', Enumerable.Range(0, Tensors).Select(i => $$"""
            "layer{{i:D7}}.weight":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}
            """)) + "}";
        Write(json, []);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using (SafetensorsFile file = SafetensorsFile.Open(Target)) Assert.Equal(Tensors, file.Names.Length);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / (double)json.Length, 1, 8);
    }

    [Fact]
    public void Lengths_that_lie_are_refused_before_memory_is_asked_for()
    {
        var bytes = new byte[64];
        foreach (ulong length in new ulong[] { 57, 100_000_001, 1UL << 40, ulong.MaxValue })
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
            File.WriteAllBytes(Target, bytes);
            Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(Target));
        }
        File.WriteAllBytes(Target, new byte[7]);
        Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(Target));
        Write("\"\xFF\"", new byte[8], Encoding.Latin1, "{");
        Assert.Contains("UTF-8", Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(Target)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Truncations_and_changed_bytes_give_the_format_exception_or_a_readable_file()
    {
        SafetensorsWriter.Write(Target,
            [new NamedTensor("a", new Shape(2, 3), TestValues.Uniform(6, 2)), new NamedTensor("b", new Shape(5), TestValues.Uniform(5, 3))],
            new Dictionary<string, string> { ["k"] = "v" });
        byte[] good = File.ReadAllBytes(Target);
        for (int length = 0; length < good.Length; length++)
        {
            File.WriteAllBytes(Target, good[..length]);
            Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(Target));
        }
        var random = new RandomStream(new RandomKey(4, 0, 0));
        int refused = 0;
        for (int trial = 0; trial < 3000; trial++)
        {
            byte[] changed = [.. good];
            for (int flips = 1 + random.NextInt(3); flips > 0; flips--) changed[random.NextInt(good.Length - 47)] = (byte)random.NextInt(256);
            File.WriteAllBytes(Target, changed);
            try
            {
                using SafetensorsFile file = SafetensorsFile.Open(Target);
                foreach (string name in file.Names)
                {
                    if (file.Type(name) is "F32" or "F64") Read(file, name);
                }
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1500, 3000);
    }

    [Fact]
    public void Wrong_requests_name_the_file_and_the_tensor()
    {
        Write("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"u":{"dtype":"U8","shape":[2],"data_offsets":[8,10]}}""", new byte[10]);
        using SafetensorsFile file = SafetensorsFile.Open(Target);
        Assert.Contains("'x'", Assert.Throws<ModelFormatException>(() => file.Shape("x")).Message, StringComparison.Ordinal);
        Assert.Contains("2 elements, not 3", Assert.Throws<ModelFormatException>(() => file.ReadFloats("w", new float[3])).Message, StringComparison.Ordinal);
        Assert.Contains("U8", Assert.Throws<ModelFormatException>(() => file.ReadFloats("u", new float[2])).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Open(_folder.File("missing.safetensors")));
    }

    [Fact]
    public void What_cannot_be_stored_is_refused_before_a_file_is_made()
    {
        var none = new Dictionary<string, string>();
        var two = new NamedTensor("w", new Shape(2), new float[2]);
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(Target, [two, two], none));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(Target, [two with { Name = "__metadata__" }], none));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(Target, [two with { Shape = new Shape(3) }], none));
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void A_full_disk_leaves_the_old_file_whole_and_no_temporary()
    {
        var none = new Dictionary<string, string>();
        SafetensorsWriter.Write(Target, [new NamedTensor("w", new Shape(2), new float[2])], none);
        byte[] old = File.ReadAllBytes(Target);
        var large = new NamedTensor("w", new Shape(3_000_000), new float[3_000_000]);
        foreach (long room in new long[] { 0, 100, 1_000_000 })
        {
            var error = Assert.Throws<IOException>(() => SafetensorsWriter.Write(Target, [large], none, path => new FullDisk(path, room)));
            Assert.Equal("No space left on device", error.Message);
            Assert.Equal(old, File.ReadAllBytes(Target));
            Assert.Equal(["model.safetensors"], _folder.Files);
        }
        SafetensorsWriter.Write(Target, [large], none);
        using SafetensorsFile file = SafetensorsFile.Open(Target);
        Assert.Equal(3_000_000, Read(file, "w").Length);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_ordinary_error() =>
        Assert.Throws<DirectoryNotFoundException>(() => SafetensorsWriter.Write(_folder.File("no/such/model.safetensors"), [], new Dictionary<string, string>()));

    private static float[] Read(SafetensorsFile file, string name)
    {
        var values = new float[file.Count(name)];
        file.ReadFloats(name, values);
        return values;
    }

    private void Write(string json, byte[] data, Encoding? encoding = null, string prefix = "")
    {
        byte[] text = (encoding ?? Encoding.UTF8).GetBytes(prefix + json);
        File.WriteAllBytes(Target, [.. BitConverter.GetBytes((long)text.Length), .. text, .. data]);
    }

    /// <summary>A file on a disk with little room.</summary>
    private sealed class FullDisk(string path, long room) : FileStream(path, FileMode.CreateNew)
    {
        private long _room = room;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if ((_room -= buffer.Length) < 0) throw new IOException("No space left on device");
            base.Write(buffer);
        }
    }
}
