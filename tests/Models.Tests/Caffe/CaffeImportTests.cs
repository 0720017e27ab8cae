using System.Text.RegularExpressions;

namespace IlgpuSpp.Models.Tests.Caffe;

/// <summary>Caffe networks give OpenCV's scores, and keep them through a model file.</summary>
public sealed class CaffeImportTests() : NetworkFileTest(Exact)
{
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
        Close(sample.OpenCvScores, OpenCv.Run(_folder["net.prototxt"], _folder["net.caffemodel"], _folder.Root, CaffeSamples.Image(sample.Side), [1, 3, sample.Side, sample.Side], sample.ScoreLayer));
    }

    [Fact]
    public void UnpackedNumbers_AreReadToo()
    {
        using Model model = Import(CaffeSamples.Branched, CaffeWire.Form.Unpacked).Model;
        Close(CaffeSamples.Branched.OpenCvScores, Scores(model, CaffeSamples.Branched));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheOldestForm_GivesTheSameScores(bool optionsSideBySide)
    {
        // The authors' release has every layer's options in a message inside (conv_param); before, they stood side by side.
        string nested = Regex.Replace(CaffeSamples.ReleasedForm.Prototxt,
            @"layers \{ name: ""(?<name>\w+)"" type: (?<type>\w+) (?<ends>(?:(?:bottom|top): ""\w+"" )+)(?<rates>(?:blobs_lr: \d\s+)*)(?<options>.*?)\s*\}(?=\s*(?:layers|$))",
            layer =>
            {
                string options = layer.Groups["options"].Value.Replace("convolution_param", "conv_param", StringComparison.Ordinal).Replace("pooling_param", "pool_param", StringComparison.Ordinal);
                if (optionsSideBySide && options.Length > 0) options = Regex.Replace(options, @"^\w+ \{(.*)\}$", "$1", RegexOptions.Singleline).Replace("kernel_size", "kernelsize", StringComparison.Ordinal);
                string type = layer.Groups["type"].Value switch { "CONVOLUTION" => "conv", "POOLING" => "pool", "INNER_PRODUCT" => optionsSideBySide ? "innerproduct" : "inner_product", var other => other.ToLowerInvariant() };
                return $"layers {{\n layer {{ name: \"{layer.Groups["name"]}\" type: \"{type}\" {options} {layer.Groups["rates"]} }}\n {layer.Groups["ends"]}}}\n";
            }, RegexOptions.Singleline);
        Assert.Contains(optionsSideBySide ? "type: \"pool\"  pool: MAX kernelsize: 13" : "type: \"pool\" pool_param { pool: MAX kernel_size: 13", nested, StringComparison.Ordinal);
        Assert.Equal(21, Regex.Count(nested, @"layers \{\s*layer \{"));
        using Model model = Import(CaffeSamples.ReleasedForm with { Prototxt = nested }, CaffeWire.Form.Oldest).Model;
        Close(CaffeSamples.ReleasedForm.OpenCvScores, Scores(model, CaffeSamples.ReleasedForm));
        Assert.Equal(PyramidRule.ReleasedZf5, model.Description.Options.PyramidRule);
    }

    [Fact]
    public void AConvolutionBehindGlobalPooling_IsAProductWithTheMeans()
    {
        File.WriteAllText(_folder["net.prototxt"], """
            input: "data" input_dim: 1 input_dim: 3 input_dim: 6 input_dim: 5
            input: "label" input_dim: 1 input_dim: 1 input_dim: 1 input_dim: 1
            layer { name: "gap" type: "Pooling" bottom: "data" top: "gap" pooling_param { pool: AVE global_pooling: true } }
            layer { name: "score" type: "Convolution" bottom: "gap" top: "score" convolution_param { num_output: 2 kernel_size: 1 } }
            layer { name: "loss" type: "SoftmaxWithLoss" bottom: "score" bottom: "label" top: "loss" }
            """);
        float[] weights = [0.5f, -1, 2, 3, 0.25f, -0.5f], image = CaffeSamples.Uniform(3, 3 * 6 * 5, 1);
        _folder.Write("net.caffemodel", CaffeWire.Network([new("score", new CaffeWire.Blob([2, 3, 1, 1], weights), new CaffeWire.Blob([2], [0.125f, -1]))], CaffeWire.Form.New));
        using Model model = CaffeImport.Read(_folder["net.prototxt"], _folder["net.caffemodel"], _cpu).Model;
        double[] means = [.. Enumerable.Range(0, 3).Select(channel => image.Skip(channel * 30).Take(30).Average(value => (double)value))];
        float[] scores = ModelRun.Scores(model, image, 6, 5);
        for (int i = 0; i < 2; i++) Assert.Equal(Enumerable.Range(0, 3).Sum(channel => weights[i * 3 + channel] * means[channel]) + (i == 0 ? 0.125 : -1), scores[i], 1e-6);
    }

    // Found by damaging files: the same activations behind every layer, and a block twice.
    [Fact]
    public void LayersWithoutWeightsMayShareAName()
    {
        File.WriteAllText(_folder["net.prototxt"], """
            input: "data" input_dim: 1 input_dim: 3 input_dim: 6 input_dim: 5
            layer { name: "act" type: "ReLU" bottom: "data" top: "a" }
            layer { name: "act" type: "ReLU" bottom: "a" top: "b" }
            layer { name: "sum" type: "Eltwise" bottom: "a" bottom: "b" top: "c" }
            layer { name: "act" type: "ReLU" bottom: "c" top: "d" }
            layer { name: "sum" type: "Eltwise" bottom: "c" bottom: "d" top: "e" }
            layer { name: "gap" type: "Pooling" bottom: "e" top: "gap" pooling_param { pool: AVE global_pooling: true } }
            layer { name: "score" type: "InnerProduct" bottom: "gap" top: "score" inner_product_param { num_output: 2 } }
            """);
        float[] weights = [0.5f, -1, 2, 3, 0.25f, -0.5f], image = CaffeSamples.Uniform(4, 3 * 6 * 5, 1);
        _folder.Write("net.caffemodel", CaffeWire.Network([new("score", new CaffeWire.Blob([2, 3], weights), new CaffeWire.Blob([2], [0.125f, -1]))], CaffeWire.Form.New));
        using Model model = CaffeImport.Read(_folder["net.prototxt"], _folder["net.caffemodel"], _cpu).Model;
        // Each sum doubles what is above 0.
        double[] means = [.. Enumerable.Range(0, 3).Select(channel => image.Skip(channel * 30).Take(30).Average(value => 4 * Math.Max(0, (double)value)))];
        float[] scores = ModelRun.Scores(model, image, 6, 5);
        for (int i = 0; i < 2; i++) Assert.Equal(Enumerable.Range(0, 3).Sum(channel => weights[i * 3 + channel] * means[channel]) + (i == 0 ? 0.125 : -1), scores[i], 1e-6);
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
