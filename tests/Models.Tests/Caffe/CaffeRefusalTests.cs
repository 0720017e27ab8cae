using static IlgpuSpp.Models.Tests.Caffe.CaffeWire;

namespace IlgpuSpp.Models.Tests.Caffe;

/// <summary>What cannot be imported is refused with the layer's name, its line, and both shapes.</summary>
public sealed class CaffeRefusalTests() : NetworkFileTest(new CpuOptions { Threads = 1 })
{
    private const string Head = """
        input: "data"
        input_dim: 1 input_dim: 3 input_dim: 16 input_dim: 16

        """;

    private const string Conv = """
        layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 4 kernel_size: 3 pad: 1 } }

        """;

    private const string Score = """
        layer { name: "score" type: "InnerProduct" bottom: "end" top: "score" inner_product_param { num_output: 2 } }
        """;

    private static readonly LayerBlobs ConvBlobs = new("conv", new Blob([4, 3, 3, 3], new float[108]), new Blob([4], new float[4]));

    [Theory]
    [InlineData("layer { name: \"odd\" type: \"Deconvolution\" bottom: \"conv\" top: \"end\" }", "line 4: layer 'odd': layers of type Deconvolution cannot be imported")]
    [InlineData("layer { name: \"odd\" type: \"Pooling\" bottom: \"conv\" top: \"end\" pooling_param { pool: STOCHASTIC kernel_size: 2 } }", "line 4: layer 'odd': STOCHASTIC pooling")]
    [InlineData("layer { name: \"odd\" type: \"Pooling\" bottom: \"conv\" top: \"end\" pooling_param { pool: MAX spatial_bin: 1 spatial_bin: 2 } }", "spatial bins (spatial_bin)")]
    [InlineData("layer { name: \"odd\" type: \"Eltwise\" bottom: \"conv\" bottom: \"conv\" top: \"end\" eltwise_param { operation: MAX } }", "line 4: layer 'odd': an Eltwise layer of operation MAX")]
    [InlineData("layer { name: \"odd\" type: \"Eltwise\" bottom: \"conv\" bottom: \"data\" top: \"end\" }", "different shapes: conv [1, 16, 16, 4] and data [1, 16, 16, 3]")]
    [InlineData("layer { name: \"odd\" type: \"ReLU\" bottom: \"nothing\" top: \"end\" }", "line 4: layer 'odd': it reads 'nothing'")]
    [InlineData("layer { name: \"odd\" type: \"Convolution\" bottom: \"conv\" top: \"end\" convolution_param { num_output: 4 kernel_size: 3 dilation: 2 } }", "dilated")]
    [InlineData("layer { name: \"odd\" type: \"Convolution\" bottom: \"conv\" top: \"end\" convolution_param { num_output: many } }", "line 4: num_output must be a whole number")]
    [InlineData("layer { name: \"odd\" type: \"LRN\" bottom: \"conv\" top: \"end\" lrn_param { local_size: 4 } }", "local_size must be odd")]
    [InlineData("layer { name: \"odd\" type: \"LRN\" bottom: \"conv\" top: \"end\" lrn_param { local_size: 3 alpha: 1e39 } }", "line 4: alpha must be a")]
    [InlineData("layer { name: \"odd\" type: \"ReLU\" bottom: \"conv\" top: \"end\" relu_param { negative_slope: NaN } }", "line 4: negative_slope must be a")]
    [InlineData("layer { name: \"odd\" type: \"Convolution\" bottom: \"conv\" top: \"end\" convolution_param { num_output: 2 kernel_size: 1 } }", "no weights for layer 'odd' of line 4")]
    public void LayersThatCannotBeImported_AreNamedWithTheirLine(string layer, string reason) => Refused(reason, Head + Conv + layer + "\n" + Score, ConvBlobs);

    [Fact]
    public void ALayerTooLargeToCount_IsNamed() => Refused("line 4: layer 'score': it is larger than can be counted",
        Head + Conv.Replace("pad: 1", "pad: 1000000", StringComparison.Ordinal) + Score.Replace("\"end\"", "\"conv\"", StringComparison.Ordinal), ConvBlobs);

    [Fact]
    public void GroupsThatDoNotDivide_AreRefusedWithoutTheNameOfAParameter() => Refused("line 3: layer 'conv': 3 groups do not divide 3 input and 4 output channels.",
        Head + Conv.Replace("pad: 1", "pad: 1 group: 3", StringComparison.Ordinal) + Score.Replace("\"end\"", "\"conv\"", StringComparison.Ordinal), ConvBlobs with { Blobs = [new Blob([4, 1, 3, 3], new float[36]), new Blob([4], new float[4])] });

    [Fact]
    public void BlobsThatDoNotFit_AreNamedWithBothShapes()
    {
        string net = Head + Conv + Score.Replace("\"end\"", "\"conv\"", StringComparison.Ordinal);
        Refused("layer 'conv': its weights have shape [4, 3, 5, 5], but the .prototxt (line 3) needs [4, 3, 3, 3]", net,
            new LayerBlobs("conv", new Blob([4, 3, 5, 5], new float[300]), new Blob([4], new float[4])));
        Refused("layer 'conv' has 1 arrays of weights, but the .prototxt asks for 2: weights, biases", net, new LayerBlobs("conv", new Blob([4, 3, 3, 3], new float[108])));
        Refused("layer 'score': its weights have shape [2, 100], but the .prototxt (line 4) needs [2, 1024]", net, ConvBlobs,
            new LayerBlobs("score", new Blob([2, 100], new float[200]), new Blob([2], new float[2])));
        Refused("an array of shape [4, 3, 3, 3] has 107 values", net, new LayerBlobs("conv", new Blob([4, 3, 3, 3], new float[107]), new Blob([4], new float[4])));
    }

    [Fact]
    public void EveryCutOfAFile_IsRefused()
    {
        byte[] whole = Network(CaffeSamples.Branched.Layers, Form.New);
        File.WriteAllText(_folder["net.prototxt"], CaffeSamples.Branched.Prototxt);
        for (int length = 0; length < whole.Length - 1; length += length < 400 ? 1 : 997)
        {
            _folder.Write("net.caffemodel", whole[..length]);
            Assert.Throws<ModelFormatException>(() => CaffeImport.Read(_folder["net.prototxt"], _folder["net.caffemodel"], _cpu).Model.Dispose());
        }
    }

    [Theory]
    [InlineData("layer { name: \"conv\" type: \"ReLU\"", "a '}' is missing")]
    [InlineData("layer { name \"conv\" }", "line 1: 'name' is followed by neither ':' nor '{'")]
    [InlineData("layer { name: \"conv }", "line 1: a string is not closed")]
    [InlineData("name: \"x\"\n}", "line 2: a field's name was expected, not '}'")]
    [InlineData("name: \"x\"", "it has no layers")]
    [InlineData("layer { type: \"ReLU\" }", "line 1: a layer has no name")]
    [InlineData("layer { name: \"a\" type: \"ReLU\" bottom: \"a\" top: \"a\" }", "neither an input nor a data layer")]
    [InlineData("layer { name: \"d\" type: \"Data\" top: \"data\" }", "how large its input is")]
    public void DamagedDescriptions_AreRefused(string text, string reason) => Refused(reason, text, ConvBlobs);

    [Theory]
    [InlineData("data")]
    [InlineData("im_info")]
    public void TwoInputs_AreNamed(string read) => Refused("it has 2 inputs, 'data' and 'im_info'; networks with one input", $$"""
        input: "data"
        input_dim: 1 input_dim: 3 input_dim: 32 input_dim: 32
        input: "im_info"
        input_dim: 1 input_dim: 3 input_dim: 1 input_dim: 1
        layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 4 kernel_size: 3 pad: 1 } }
        layer { name: "score" type: "InnerProduct" bottom: "{{read}}" top: "score" inner_product_param { num_output: 2 } }
        """, ConvBlobs);

    // An empty string, then something that is no value: once read as an empty value again and again until memory ended.
    [Theory]
    [InlineData("input_dim: [\"\">]", "line 1: input_dim has no value")]
    [InlineData("input_dim: [1 \"\"; 2]", "line 1: input_dim has no value")]
    [InlineData("input_dim: ''\ninput_dim: }", "line 2: input_dim has no value")]
    public void ValuesThatAreMissing_AreRefused(string prototxt, string reason) => Refused(reason, prototxt);

    [Fact]
    public void TwoLayersWithWeightsOfOneName_AreRefused() => Refused("line 4: layer 'conv': the layer of line 3 has its name", Head + Conv + """
        layer { name: "conv" type: "Convolution" bottom: "conv" top: "end" convolution_param { num_output: 4 kernel_size: 3 pad: 1 } }

        """ + Score, ConvBlobs);

    [Fact]
    public void CrossingBranches_AreRefused() => Refused("branches that cross", Head + Conv + """
        layer { name: "a" type: "ReLU" bottom: "conv" top: "a" }
        layer { name: "b" type: "Sigmoid" bottom: "a" top: "b" }
        layer { name: "c" type: "Sigmoid" bottom: "conv" top: "c" }
        layer { name: "ab" type: "Eltwise" bottom: "b" bottom: "c" top: "ab" }
        layer { name: "end" type: "Eltwise" bottom: "ab" bottom: "a" top: "end" }

        """ + Score, ConvBlobs, ScoreBlobs(1024));

    [Fact]
    public void SppLayer_IsMappedWhereItsBinsAreThePapers()
    {
        const string Spp = "layer { name: \"spp\" type: \"SPP\" bottom: \"conv\" top: \"end\" spp_param { pyramid_height: 3 } }\n";
        Write(Head + Conv + Spp + Score, ConvBlobs, ScoreBlobs(84));
        using (Model model = CaffeImport.Read(_folder["net.prototxt"], _folder["net.caffemodel"], _cpu).Model)
            Assert.Equal(new Pyramid([1, 2, 4]), model.Network.Root.SelfAndDescendants().OfType<SpatialPyramidPool>().Single().Pyramid);
        // 18 rows: Caffe takes 4 windows of 5 with padding 1, the paper's level 4 has bins of 5 that share a row.
        Refused("not the bins of the paper's pyramid", Head.Replace("16", "18", StringComparison.Ordinal) + Conv + Spp + Score, ConvBlobs, ScoreBlobs(84));
    }

    [Fact]
    public void TrainingForm_GivesTheTestNetworkAndItsInput()
    {
        Write("""
            layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TRAIN } transform_param { crop_size: 8 } }
            layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TEST } transform_param { crop_size: 16 mean_value: 104 mean_value: 117 mean_value: 123 scale: 0.5 } }
            """ + "\n" + Conv + Score.Replace("\"end\"", "\"conv\"", StringComparison.Ordinal) + """

            layer { name: "accuracy" type: "Accuracy" bottom: "score" bottom: "label" top: "accuracy" include { phase: TEST } }
            layer { name: "loss" type: "SoftmaxWithLoss" bottom: "score" bottom: "label" top: "loss" }
            """, ConvBlobs, ScoreBlobs(1024));
        CaffeImportResult result = CaffeImport.Read(_folder["net.prototxt"], _folder["net.caffemodel"], _cpu, ["cat", "dog"]);
        using Model model = result.Model;
        Assert.Equal((16, 16, 0.5f), (result.Input.Height, result.Input.Width, result.Input.Scale));
        Assert.Equal([104f, 117f, 123f], result.Input.Mean!);
        Assert.Equal<string>(["cat", "dog"], model.Description.ClassNames.ToArray());
        Assert.Throws<ArgumentException>(() => CaffeImport.Read(_folder["net.prototxt"], _folder["net.caffemodel"], _cpu, ["cat", "dog", "owl"]));
    }

    [Fact]
    public void MeanImage_IsReadAndChecked()
    {
        _folder.Write("mean.binaryproto", Encode(new Blob([1, 3, 2, 2], [.. Enumerable.Range(0, 12).Select(i => (float)i)]), Form.Old));
        Assert.Equal(11, CaffeImport.ReadMeanImage(_folder["mean.binaryproto"]).Values[11]);
        _folder.Write("mean.binaryproto", Encode(new Blob([1, 4, 2, 2], new float[16]), Form.Old));
        Assert.Contains("[1, 4, 2, 2]", Assert.Throws<ModelFormatException>(() => CaffeImport.ReadMeanImage(_folder["mean.binaryproto"])).Message, StringComparison.Ordinal);
    }

    private static LayerBlobs ScoreBlobs(int inputs) => new("score", new Blob([2, inputs], new float[2 * inputs]), new Blob([2], new float[2]));

    private void Refused(string reason, string prototxt, params LayerBlobs[] layers)
    {
        Write(prototxt, layers);
        var error = Assert.Throws<ModelFormatException>(() => CaffeImport.Read(_folder["net.prototxt"], _folder["net.caffemodel"], _cpu));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private void Write(string prototxt, params LayerBlobs[] layers)
    {
        File.WriteAllText(_folder["net.prototxt"], prototxt);
        _folder.Write("net.caffemodel", Network(layers, Form.New));
    }
}
