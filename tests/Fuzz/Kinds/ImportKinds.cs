using System.Text;
using IlgpuSpp.Engine;
using IlgpuSpp.Models;
using IlgpuSpp.Models.Tests.Caffe;
using IlgpuSpp.Models.Tests.Onnx;

namespace IlgpuSpp.Fuzz;

/// <summary>Descriptions of Caffe networks beside whole weights.</summary>
internal sealed class PrototxtKind : ModelFileKind
{
    public PrototxtKind()
        : base("prototxt", ".prototxt")
    {
        Files.Write("branched.caffemodel", CaffeWire.Network(CaffeSamples.Branched.Layers, CaffeSamples.Branched.Form));
        Files.Write("released.caffemodel", CaffeWire.Network(CaffeSamples.ReleasedForm.Layers, CaffeSamples.ReleasedForm.Form));
    }

    public override IReadOnlyList<byte[]> Seeds { get; } = [Encoding.UTF8.GetBytes(CaffeSamples.Branched.Prototxt), Encoding.UTF8.GetBytes(CaffeSamples.ReleasedForm.Prototxt)];

    protected override IReadOnlyList<string> Openers => ["{", "layer {", "a: [", "layers { layer {", "\"", "\\"];

    public override bool Documents(Exception error) => error is ModelFormatException;

    public override void Read(byte[] file)
    {
        // Only the released network is in the old form.
        using Model model = CaffeImport.Read(Files.Write("input.prototxt", file), Files[file.AsSpan().IndexOf("layers"u8) < 0 ? "branched.caffemodel" : "released.caffemodel"], Cpu).Model;
    }
}

/// <summary>Weights of Caffe networks beside a whole description.</summary>
internal sealed class CaffemodelKind : ModelFileKind
{
    public CaffemodelKind()
        : base("caffemodel", ".caffemodel") => Files.Write("net.prototxt", Encoding.UTF8.GetBytes(CaffeSamples.Branched.Prototxt));

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [.. ((CaffeWire.Form[])[CaffeWire.Form.New, CaffeWire.Form.Old, CaffeWire.Form.Oldest, CaffeWire.Form.Unpacked]).Select(form => CaffeWire.Network(CaffeSamples.Branched.Layers, form))];

    public override bool Documents(Exception error) => error is ModelFormatException;

    public override void Read(byte[] file)
    {
        using Model model = CaffeImport.Read(Files["net.prototxt"], Files.Write("input.caffemodel", file), Cpu).Model;
    }
}

/// <summary>ONNX networks: one that this project writes, one as other programs write them.</summary>
internal sealed class OnnxKind : ModelFileKind
{
    public OnnxKind()
        : base("onnx", ".onnx")
    {
        using (Model model = Small())
        {
            OnnxExport.Write(Files["any.onnx"], model, new OnnxExportOptions());
            OnnxExport.Write(Files["fixed.onnx"], model, new OnnxExportOptions { Height = 16, Width = 20 });
        }
        string other = new OnnxWriter()
            .Constant("w", CaffeSamples.Uniform(3, 12, 1), 4, 3, 1, 1).Constant("shape", 1, -1).Constant("fc", CaffeSamples.Uniform(5, 8, 1), 4, 2)
            .Node("Conv", "c", ["in", "w"], ("kernel_shape", (long[])[1, 1]), ("auto_pad", "SAME_UPPER")).Node("LeakyRelu", "l", ["c"], ("alpha", 0.1f)).Node("GlobalMaxPool", "p", ["l"])
            .Node("Reshape", "r", ["p", "shape"]).Node("MatMul", "out", ["r", "fc"]).Write(Files);
        Seeds = [File.ReadAllBytes(Files["any.onnx"]), File.ReadAllBytes(Files["fixed.onnx"]), File.ReadAllBytes(other)];
    }

    public override IReadOnlyList<byte[]> Seeds { get; }

    public override bool Documents(Exception error) => error is ModelFormatException;

    public override void Read(byte[] file)
    {
        string path = Files.Write("input.onnx", file);
        Model model;
        try
        {
            model = OnnxImport.Read(path, Cpu, new OnnxImportOptions()).Model;
        }
        catch (ModelFormatException error) when (error.Message.Contains("--size", StringComparison.Ordinal))
        {
            model = OnnxImport.Read(path, Cpu, new OnnxImportOptions { Size = 24 }).Model;
        }
        model.Dispose();
    }
}
