using IlgpuSpp.Engine;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Layers;
using IlgpuSpp.Processes;

namespace IlgpuSpp.Models.Tests.Caffe;

/// <summary>Caffe networks give OpenCV's scores, and keep them through a model file.</summary>
public sealed class CaffeImportTests : IDisposable
{
    private readonly CpuBackend _cpu = new(new CpuOptions { Threads = 2, ExactConvolution = true });
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _cpu.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string> Names => ["released", "branched"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Import_GivesTheScoresOfOpenCv(string name)
    {
        CaffeSample sample = Sample(name);
        using Model model = Import(sample, sample.Form).Model;
        Close(sample.OpenCvScores, Scores(model, sample));
    }

    [OpenCvTheory]
    [MemberData(nameof(Names))]
    public void OpenCv_StillGivesThoseScores(string name)
    {
        CaffeSample sample = Sample(name);
        Import(sample, sample.Form).Model.Dispose();
        Close(sample.OpenCvScores, OpenCv.RunCaffe(_folder["net.prototxt"], _folder["net.caffemodel"], _folder.Root, CaffeSamples.Image(sample.Side), [1, 3, sample.Side, sample.Side], sample.ScoreLayer));
    }

    [Fact]
    public void UnpackedNumbers_AreReadToo()
    {
        using Model model = Import(CaffeSamples.Branched, CaffeWire.Form.Unpacked).Model;
        Close(CaffeSamples.Branched.OpenCvScores, Scores(model, CaffeSamples.Branched));
    }

    [Fact]
    public void ParallelPools_BecomeTheReleasedPyramid()
    {
        using Model model = Import(CaffeSamples.ReleasedForm, CaffeWire.Form.Old).Model;
        SpatialPyramidPool pool = model.Network.Root.SelfAndDescendants().OfType<SpatialPyramidPool>().Single();
        Assert.Equal(new Pyramid([1, 2, 3, 6], PyramidRule.ReleasedZf5), pool.Pyramid);
        Assert.Equal(PyramidRule.ReleasedZf5, model.Description.Options.PyramidRule);
        Assert.Equal<int>([1, 2, 3, 6], model.Description.Options.Pyramid.ToArray());
        Assert.Equal(5, model.Classes);
        // Its bins are those of a 13x13 map, so that it does not take any size.
        Assert.False(model.TakesAnySize);
        model.CheckInput(57, 57);
        Assert.Throws<ShapeMismatchException>(() => model.CheckInput(57, 90));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ModelFile_RebuildsAnImportedNetwork(string name)
    {
        CaffeSample sample = Sample(name);
        float[] before;
        using (Model model = Import(sample, sample.Form).Model)
        {
            before = Scores(model, sample);
            ModelFile.Save(_folder["model.safetensors"], model);
        }
        using Model loaded = ModelFile.Load(_folder["model.safetensors"], _cpu);
        Assert.Equal("layers", loaded.Description.Architecture);
        Assert.Equal(before, Scores(loaded, sample));
    }

    private static CaffeSample Sample(string name) => name == "released" ? CaffeSamples.ReleasedForm : CaffeSamples.Branched;

    private CaffeImportResult Import(CaffeSample sample, CaffeWire.Form form)
    {
        File.WriteAllText(_folder["net.prototxt"], sample.Prototxt);
        _folder.Write("net.caffemodel", CaffeWire.Network(sample.Layers, form));
        return CaffeImport.Read(_folder["net.prototxt"], _folder["net.caffemodel"], _cpu);
    }

    private static float[] Scores(Model model, CaffeSample sample) => ModelRun.Scores(model, CaffeSamples.Image(sample.Side), sample.Side, sample.Side);

    private static void Close(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.True(Math.Abs(expected[i] - actual[i]) < 1e-4 * Math.Max(1, Math.Abs(expected[i])), $"{i}: {actual[i]} instead of {expected[i]}");
    }
}
