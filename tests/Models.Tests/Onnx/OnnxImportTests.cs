using IlgpuSpp.Models.Tests.Caffe;

namespace IlgpuSpp.Models.Tests.Onnx;

/// <summary>Small graphs as other programs write them give ONNX Runtime's outputs; what cannot be imported is refused by name.</summary>
public sealed class OnnxImportTests() : NetworkFileTest(Exact)
{
    [Theory]
    [InlineData("same upper", 13, 10)]
    [InlineData("same lower", 13, 10)]
    [InlineData("shape arithmetic", 9, 7)]
    [InlineData("matmul and add", 8, 8)]
    [InlineData("constants as nodes", 8, 8)]
    [InlineData("clip and affine", 9, 9)]
    [InlineData("limits", 11, 8)]
    [InlineData("squeeze", 11, 8)]
    [InlineData("older operators", 10, 10)]
    [InlineData("padding in front", 9, 8)]
    public void Graphs_GiveWhatOnnxRuntimeGives(string name, int height, int width)
    {
        string file = Graph(name, height, width).Write(_folder);
        float[] image = CaffeSamples.Uniform(5, 3 * height * width, 1), expected = OnnxRuntime.Run(file, image, height, width);
        using Model model = OnnxImport.Read(file, _cpu, new OnnxImportOptions()).Model;
        OnnxRuntime.AssertClose(expected, ModelRun.Scores(model, image, height, width), 1e-5, name);
    }

    [Fact]
    public void EveryFormOfNumbers_IsRead()
    {
        float[] values = CaffeSamples.Uniform(3, 4 * 3, 1);
        values = [.. values.Select(value => (float)(Half)value)];
        OnnxMessage floats = OnnxWriter.Tensor("w", OnnxWriter.Float, 4, 3, 1, 1), halves = OnnxWriter.Tensor("w", OnnxWriter.Float16, 4, 3, 1, 1), outside = OnnxWriter.Tensor("w", OnnxWriter.Float, 4, 3, 1, 1);
        foreach (float value in values) floats.Add(4, value);
        foreach (float value in values) halves.Add(5, BitConverter.HalfToUInt16Bits((Half)value));
        outside.Add(13, Entry("location", "net.weights")).Add(13, Entry("offset", "8")).Add(13, Entry("length", "48")).Add(14, 1L);
        _folder.Write("net.weights", [.. new byte[8], .. values.SelectMany(BitConverter.GetBytes)]);
        float[] image = CaffeSamples.Uniform(5, 3 * 64, 1);
        float[]? first = null;
        foreach (OnnxMessage tensor in (OnnxMessage[])[OnnxWriter.Tensor("w", OnnxWriter.Float, 4, 3, 1, 1).AddRaw(9, values), floats, halves, outside])
        {
            string file = new OnnxWriter().Constant(tensor).Node("Conv", "c", ["in", "w"]).Node("GlobalMaxPool", "p", ["c"]).Node("Flatten", "out", ["p"]).Write(_folder);
            using Model model = OnnxImport.Read(file, _cpu, new OnnxImportOptions()).Model;
            float[] scores = ModelRun.Scores(model, image, 8, 8);
            Assert.Equal(first ??= scores, scores);
        }
    }

    [Theory]
    [InlineData("Tanh", "node 'odd' (Tanh): operators of this kind cannot be imported")]
    [InlineData("dilation", "node 'odd' (Conv): a dilation of 2x2")]
    [InlineData("circle", "runs in a circle")]
    [InlineData("shape", "node 'odd' (Conv): its weights of shape [4, 5, 1, 1]")]
    [InlineData("outside", "outside of the folder")]
    [InlineData("absolute", "outside of the folder")]
    [InlineData("short data", "asks for bytes 0 to 4800000")]
    [InlineData("claim", "has 16 bytes")]
    [InlineData("operator set", "operator set 5")]
    [InlineData("slice", "node 's' (Slice): it lacks a whole number that it needs")]
    [InlineData("empty list", "node 's' (Add): it computes on lists of 0 and 1 values")]
    [InlineData("map", "ends in a map of 8x8")]
    [InlineData("two images", "only networks that take one image")]
    [InlineData("clip", "node 'odd' (Clip): values are limited to 0 to 5")]
    [InlineData("hard sigmoid", "node 'odd' (HardSigmoid): its line is 0.2 x + 0.4")]
    [InlineData("product", "node 'odd' (Mul): products of two maps")]
    [InlineData("infinite option", "node 'odd' (LeakyRelu): its attribute 'alpha' is Infinity")]
    [InlineData("option of no number", "node 'odd' (LRN): its attribute 'beta' is NaN")]
    [InlineData("softmax inside", "a softmax can only stand at the end")]
    [InlineData("no layers", "its output is its input, 'in': the network has no layers")]
    [InlineData("only names", "its output is its input, 'in': the network has no layers")]
    [InlineData("no output", "which is neither a constant nor computed")]
    public void WhatCannotBe_IsRefusedByName(string what, string reason)
    {
        string file = Faulty(what).Write(_folder);
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => OnnxImport.Read(file, _cpu, new OnnxImportOptions()));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void DamagedFiles_AreRefusedWhateverIsMissing()
    {
        string file = Graph("clip and affine", 9, 9).Write(_folder);
        byte[] whole = File.ReadAllBytes(file);
        for (int length = 0; length < whole.Length; length += 3)
        {
            string cut = _folder.Write("cut.onnx", whole[..length]);
            Assert.Throws<ModelFormatException>(() => OnnxImport.Read(cut, _cpu, new OnnxImportOptions()));
        }
        // One kilobyte that claims a part of 2 GB.
        string claims = _folder.Write("claims.onnx", [0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, .. new byte[1000]]);
        Assert.Contains("a part of 2147483647 bytes", Assert.Throws<ModelFormatException>(() => OnnxImport.Read(claims, _cpu, new OnnxImportOptions())).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => OnnxImport.Read(_folder["none.onnx"], _cpu, new OnnxImportOptions()));
    }

    [Fact]
    public void OpenSizes_MustGiveTheSameLayers()
    {
        var open = new OnnxWriter { Input = ["n", 3, "h", "w"] };
        open.Constant("w", CaffeSamples.Uniform(1, 2 * 3 * 49, 1), 2, 3 * 49).Node("AveragePool", "p", ["in"], ("kernel_shape", (long[])[32, 32]), ("strides", (long[])[32, 32])).Node("Flatten", "f", ["p"]).Node("Gemm", "out", ["f", "w"], ("transB", 1L));
        string file = open.Write(_folder);
        Assert.Contains("name one size with --size", Assert.Throws<ModelFormatException>(() => OnnxImport.Read(file, _cpu, new OnnxImportOptions())).Message, StringComparison.Ordinal);
        using Model model = OnnxImport.Read(file, _cpu, new OnnxImportOptions { Size = 224 }).Model;
        Assert.Equal(2, model.Classes);
    }

    private static OnnxWriter Graph(string name, int height, int width)
    {
        var graph = new OnnxWriter { Input = [1, 3, height, width] };
        graph.Constant("w", CaffeSamples.Uniform(1, 4 * 27, 1), 4, 3, 3, 3).Constant("b", CaffeSamples.Uniform(2, 4, 1), 4);
        switch (name)
        {
            case "same upper" or "same lower":
                string pad = name == "same upper" ? "SAME_UPPER" : "SAME_LOWER";
                return graph.Node("Conv", "c", ["in", "w", "b"], ("auto_pad", pad), ("strides", (long[])[2, 2]))
                    .Node("MaxPool", "m", ["c"], ("kernel_shape", (long[])[3, 2]), ("strides", (long[])[2, 2]), ("auto_pad", pad))
                    .Node("AveragePool", "a", ["m"], ("kernel_shape", (long[])[2, 2]), ("auto_pad", pad)).Node("GlobalAveragePool", "g", ["a"]).Node("Flatten", "out", ["g"]);
            case "shape arithmetic":
                int flat = 4 * (height - 2) * (width - 2);
                return graph.Constant("l", CaffeSamples.Uniform(3, 5 * flat, 1), 5, flat).Constant("zero", 0).Constant("minus", -1)
                    .Node("Conv", "c", ["in", "w"]).Node("Shape", "s", ["c"]).Node("Gather", "n", ["s", "zero"]).Node("Concat", "to", ["n", "minus"], ("axis", 0L))
                    .Node("Reshape", "r", ["c", "to"]).Node("Relu", "relu", ["r"]).Node("Gemm", "out", ["relu", "l"], ("transB", 1L), ("alpha", 0.5f));
            case "matmul and add":
                return graph.Constant("l", CaffeSamples.Uniform(3, 4 * 5, 1), 4, 5).Constant("lb", CaffeSamples.Uniform(4, 5, 1), 5)
                    .Node("Conv", "c", ["in", "w"]).Node("ReduceMean", "m", ["c"], ("axes", (long[])[2, 3]), ("keepdims", 0L)).Node("MatMul", "mm", ["m", "l"]).Node("Add", "out", ["lb", "mm"]);
            case "constants as nodes":
                return graph.Node("Constant", "w1", [], ("value", OnnxWriter.Tensor("", OnnxWriter.Float, 2, 4, 1, 1).AddRaw(9, CaffeSamples.Uniform(6, 8, 1))))
                    .Node("Conv", "c", ["in", "w"]).Node("GlobalAveragePool", "g", ["c"]).Node("Conv", "out", ["g", "w1"]);
            case "clip and affine":
                return graph.Constant("least", [0f]).Constant("mean", [0.5f, 0.3f, 0.1f], 1, 3, 1, 1).Constant("std", [0.2f, 0.3f, 0.4f], 3, 1, 1).Constant("shift", CaffeSamples.Uniform(5, 4, 1), 4, 1, 1)
                    .Node("Sub", "s", ["in", "mean"]).Node("Div", "d", ["s", "std"]).Node("Conv", "c", ["d", "w"]).Node("Add", "a", ["c", "shift"]).Node("Clip", "k", ["a", "least"])
                    .Node("Identity", "i", ["k"]).Node("GlobalMaxPool", "g", ["i"]).Node("Flatten", "out", ["g"]);
            case "limits":
                graph.OperatorSet = 14;
                return graph.Constant("low", [0f]).Constant("high", [6f]).Constant("eight", [8f]).Node("Mul", "eightfold", ["in", "eight"]).Node("Conv", "c", ["eightfold", "w", "b"]).Node("Clip", "k", ["c", "low", "high"]).Node("Sub", "less", ["k", "b1"]).Constant("b1", [2f])
                    .Node("HardSwish", "h", ["less"]).Node("HardSigmoid", "gate", ["h"], ("alpha", 1f / 6)).Node("Mul", "old", ["gate", "h"]).Node("GlobalAveragePool", "g", ["old"]).Node("Flatten", "f", ["g"]).Node("HardSigmoid", "out", ["f"]);
            case "squeeze":
                return graph.Constant("axes", 2, 3).Constant("slopes", [0.1f, 0.2f, 0.3f, 0.4f], 4, 1, 1).Node("Conv", "c", ["in", "w", "b"], ("pads", (long[])[0, 1, 2, 0])).Node("PRelu", "p", ["c", "slopes"])
                    .Node("LeakyRelu", "l", ["p"], ("alpha", 0.3f)).Node("GlobalAveragePool", "g", ["l"]).Node("Squeeze", "q", ["g", "axes"]).Node("Sigmoid", "out", ["q"]);
            case "older operators":
                graph.OperatorSet = 8;
                return graph.Constant("scale", [1f, 2, 3, 4], 4).Constant("shift", [0.1f, 0.2f, 0.3f, 0.4f], 4).Constant("mean", [0f, 0.1f, 0, 0.2f], 4).Constant("variance", [1f, 0.5f, 2, 1], 4)
                    .Node("Conv", "c", ["in", "w"], ("kernel_shape", (long[])[3, 3]), ("group", 1L), ("auto_pad", "NOTSET"), ("pads", (long[])[1, 1, 0, 0]))
                    .Node("BatchNormalization", "bn", ["c", "scale", "shift", "mean", "variance"], ("spatial", 1L), ("epsilon", 1e-3f)).Node("Clip", "r", ["bn"], ("min", 0f))
                    .Node("Dropout", "drop", ["r"], ("ratio", 0.4f)).Node("MaxPool", "m", ["drop"], ("kernel_shape", (long[])[3, 3]), ("strides", (long[])[2, 2]), ("pads", (long[])[1, 1, 0, 0])).Node("Flatten", "out", ["m"]);
            case "padding in front":
                return graph.Constant("pads", 0, 0, 2, 1, 0, 0, 0, 3).Constant("low", [float.NegativeInfinity]).Constant("pads2", 0, 0, 1, 1, 0, 0, 0, 1)
                    .Node("Pad", "p", ["in", "pads"]).Node("Conv", "c", ["p", "w"]).Node("Pad", "p2", ["c", "pads2", "low"]).Node("MaxPool", "m", ["p2"], ("kernel_shape", (long[])[3, 3]))
                    .Node("GlobalAveragePool", "g", ["m"]).Node("Flatten", "out", ["g"]);
            default:
                throw new ArgumentException(name);
        }
    }

    private static OnnxWriter Faulty(string what)
    {
        var graph = new OnnxWriter();
        OnnxMessage Outside(string location, string length) => OnnxWriter.Tensor("w", OnnxWriter.Float, 4, 3, 1, 1).Add(13, Entry("location", location)).Add(13, Entry("length", length)).Add(14, 1L);
        if (what is not ("outside" or "absolute" or "short data" or "claim" or "shape")) graph.Constant("w", new float[12], 4, 3, 1, 1);
        switch (what)
        {
            case "Tanh":
                graph.Node("Conv", "c", ["in", "w"]).Node("Tanh", "odd", ["c"]);
                break;
            case "dilation":
                graph.Constant("w3", new float[27], 1, 3, 3, 3).Node("Conv", "odd", ["in", "w3"], ("dilations", (long[])[2, 2]));
                break;
            case "slice":
                return graph.Constant("list", 1, 2).Constant("start", new float[1], 1).Node("Slice", "s", ["list", "start"]).Node("Reshape", "out", ["in", "s"]);
            case "empty list":
                return graph.Constant("list").Constant("one", 1L).Node("Slice", "l", ["one", "one"]).Node("Add", "s", ["l", "one"]).Node("Reshape", "out", ["in", "s"]);
            case "no layers":
                graph.Output = "in";
                return graph;
            case "only names":
                return graph.Node("Identity", "out", ["in"]);
            case "circle":
                return graph.Node("Add", "a", ["in", "out"]).Node("Conv", "out", ["a", "w"]);
            case "shape":
                graph.Constant("w", new float[20], 4, 5, 1, 1).Node("Conv", "odd", ["in", "w"]);
                break;
            case "outside":
                graph.Constant(Outside("../weights.bin", "48")).Node("Conv", "odd", ["in", "w"]);
                break;
            case "absolute":
                graph.Constant(Outside("/etc/hostname", "48")).Node("Conv", "odd", ["in", "w"]);
                break;
            case "short data":
                graph.Constant(Outside("net.onnx", "4800000")).Node("Conv", "odd", ["in", "w"]);
                break;
            case "claim":
                graph.Constant(OnnxWriter.Tensor("w", OnnxWriter.Float, 40000, 30000, 1, 1).AddRaw(9, new float[4])).Node("Conv", "odd", ["in", "w"]);
                break;
            case "operator set":
                graph.OperatorSet = 5;
                graph.Node("Conv", "odd", ["in", "w"]);
                break;
            case "map":
                graph.Node("Conv", "odd", ["in", "w"]);
                break;
            case "two images":
                graph.Input = [1, 4, 8, 8];
                graph.Node("Conv", "odd", ["in", "w"]);
                break;
            case "clip":
                graph.Constant("low", [0f]).Constant("high", [5f]).Node("Clip", "odd", ["in", "low", "high"]);
                break;
            case "hard sigmoid":
                graph.Node("HardSigmoid", "odd", ["in"], ("beta", 0.4f));
                break;
            case "product":
                graph.Node("Sigmoid", "s", ["in"]).Node("Mul", "odd", ["in", "s"]);
                break;
            case "infinite option":
                graph.Node("LeakyRelu", "odd", ["in"], ("alpha", float.PositiveInfinity));
                break;
            case "option of no number":
                graph.Node("LRN", "odd", ["in"], ("size", 3L), ("beta", float.NaN));
                break;
            case "softmax inside":
                graph.Node("GlobalAveragePool", "g", ["in"]).Node("Flatten", "f", ["g"]).Node("Softmax", "s", ["f"]).Node("Relu", "odd", ["s"]);
                break;
            case "no output":
                graph.Node("Relu", "odd", ["nowhere"]);
                break;
        }
        return graph.Node("Identity", "out", ["odd"]);
    }

    private static OnnxMessage Entry(string key, string value) => new OnnxMessage().Add(1, key).Add(2, value);
}
