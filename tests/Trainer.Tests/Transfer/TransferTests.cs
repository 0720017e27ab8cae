using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Inference;

namespace IlgpuSpp.Training.Tests.Transfer;

public sealed class TransferTests() : RunTest(threads: 2)
{
    [Theory]
    [InlineData(97, 30)] // the paper's protocol fits
    [InlineData(31, 30)]
    [InlineData(30, 11)] // 30 · 30/80
    [InlineData(8, 3)]
    [InlineData(2, 1)]
    public void SmallClassesScaleTheProtocolDown(int smallest, int train)
    {
        int[] labels = [.. Enumerable.Repeat(0, 120), .. Enumerable.Repeat(1, smallest)];
        Assert.Equal(train, CaltechSplit.TrainImagesFor(labels, 2, 30, 50));
        CaltechSplit split = CaltechSplit.Draw(labels, 2, train, 50, seed: 3, number: 1), again = CaltechSplit.Draw(labels, 2, train, 50, seed: 3, number: 1);
        Assert.Equal(split.Train, again.Train);
        Assert.NotEqual(split.Train, CaltechSplit.Draw(labels, 2, train, 50, seed: 3, number: 2).Train);
        Assert.Equal((train, train), (split.Train.Count(i => labels[i] == 0), split.Train.Count(i => labels[i] == 1)));
        Assert.Equal((50, Math.Min(50, smallest - train)), (split.Test.Count(i => labels[i] == 0), split.Test.Count(i => labels[i] == 1)));
        Assert.Empty(split.Train.Intersect(split.Test));
    }

    [Fact]
    public void OneRunGivesLayersByViews()
    {
        WriteImages(36);
        using TrainedModel model = Model();
        var options = new TransferOptions { Layers = ["0", "pool6x6", "pyramid"], Splits = 2, TrainImages = 6, TestImages = 4, Threads = 2, Svm = new() { Cost = 100 } };
        TransferTable table = new Training.Transfer(model, options).Run(_folder["images"]);

        // 6 channels: 16×16 responses, 36 bins, 1 + 4 bins. Maps of whole images have no fixed length.
        Assert.Equal(
            [("0", FeatureView.Crop, 16 * 16 * 6), ("pool6x6", FeatureView.Crop, 216), ("pyramid", FeatureView.Crop, 30),
             ("pool6x6", FeatureView.Full, 216), ("pyramid", FeatureView.Full, 30),
             ("0", FeatureView.Warp, 16 * 16 * 6), ("pool6x6", FeatureView.Warp, 216), ("pyramid", FeatureView.Warp, 30)],
            table.Results.Select(r => (r.Layer, r.View, r.Features)));
        // Which half is bright shows in the grid of bins.
        Assert.All(table.Results.Where(r => r.Layer == "pool6x6"), r => Assert.InRange(r.Mean, 0.8, 1));
        string[] lines = table.ToMarkdown().Split('\n');
        Assert.Equal("| layer | crop | full | warp |", lines[2]);
        Assert.Matches(@"^\| 0 \| \d+\.\d\d ± \d+\.\d\d at 16 \| - \| ", lines[4]);
        Assert.Equal(9, table.ToCsv().TrimEnd('\n').Split('\n').Length);
        Assert.Equal(table.ToCsv(), new Training.Transfer(model, options with { Threads = 1 }).Run(_folder["images"]).ToCsv());

        Assert.Throws<Layers.UnknownLayerException>(() => new Training.Transfer(model, options with { Layers = ["conv9"] }).Run(_folder["images"]));
    }

    [Fact]
    public void VocLabelsLeaveDifficultObjectsOut()
    {
        WriteVoc();
        DetectionDataset train = DetectionData.OpenTraining(_folder["voc"], new AnnotationOptions { NeedBoxes = false });
        Assert.Equal(["cat", "dog"], train.ClassNames);
        Assert.Equal([1, -1], Training.Transfer.Labels(train.Images[0], 2));
        Assert.Equal([0, 1], Training.Transfer.Labels(train.Images[1], 2)); // a difficult cat beside a dog
        using TrainedModel model = Model();
        TransferTable table = new Training.Transfer(model, new TransferOptions { Layers = ["pool6x6"], Views = [FeatureView.Full], Svm = new() { Cost = 100 } }).Run(_folder["voc"]);
        Assert.Contains("12 training and 6 test images", table.ToMarkdown(), StringComparison.Ordinal);
        TransferResult result = Assert.Single(table.Results);
        Assert.InRange(result.Mean, 0.9, 1);
        Assert.InRange(result.Area, 0.9, 1);

        File.WriteAllText(_folder["voc/Annotations/0.xml"], "<annotation><object>");
        Assert.Throws<DatasetException>(() => new Training.Transfer(model, new TransferOptions { Layers = ["pool6x6"] }).Run(_folder["voc"]));
    }

    // The side chosen is the best on the validation part by itself, and what is measured at it is what that side alone gives.
    [Fact]
    public void OfSeveralSidesTheBestOnHeldOutTrainingImagesIsTaken()
    {
        WriteImages(48);
        using TrainedModel model = Model();
        int[] sides = [16, 24, 40];
        var options = new TransferOptions { Layers = ["pool6x6", "pyramid"], Views = [FeatureView.Crop, FeatureView.Full, FeatureView.Warp], Splits = 2, TrainImages = 6, TestImages = 6, Threads = 2 };
        TransferTable chosen = new Training.Transfer(model, options with { MinimumSides = [.. sides] }).Run(_folder["images"]);
        TransferTable[] alone = [.. sides.Select(side => new Training.Transfer(model, options with { MinimumSides = [side] }).Run(_folder["images"]))];
        Assert.Equal(6, chosen.Results.Count);
        foreach (TransferResult result in chosen.Results)
        {
            TransferTable same = result.Side is { } side ? alone[Array.IndexOf(sides, side)] : alone[0];
            Assert.Equal(result.View == FeatureView.Warp, result.Side is null);
            Assert.Equal(Assert.Single(same.Results, other => (other.Layer, other.View) == (result.Layer, result.View)), result);
        }
        Assert.StartsWith("layer,view,features,side,mean,", chosen.ToCsv(), StringComparison.Ordinal);
        Assert.Equal("MinimumSides", Assert.Throws<OptionsException>(() => new Training.Transfer(model, options with { MinimumSides = [16, 15] }).Run(_folder["images"])).Option);

        Assert.Equal("MinimumSides", Assert.Throws<OptionsException>(() => new Training.Transfer(model, options with { TrainImages = 1, MinimumSides = [16, 24] }).Run(_folder["images"])).Option);
        Assert.Equal("MinimumSides", Assert.Throws<OptionsException>(() => new Training.Transfer(model, options with { MinimumSides = [16, 16] }).Run(_folder["images"])).Option);
        Assert.Equal("Mean", Assert.Throws<OptionsException>(() => new Training.Transfer(model, options with { Mean = 256 }).Run(_folder["images"])).Option);
    }

    [Fact]
    public void TheValidationPartOfVocChoosesTheSide()
    {
        WriteVoc();
        using TrainedModel model = Model();
        int[] sides = [16, 20, 33];
        var options = new TransferOptions { Layers = ["pyramid"], Views = [FeatureView.Full], Svm = new() { Cost = 0.1 } };
        TransferResult chosen = Assert.Single(new Training.Transfer(model, options with { MinimumSides = [.. sides] }).Run(_folder["voc"]).Results);
        // The same choice by hand: the training images alone, split as the choice splits them, in the places of training and test images.
        string[] names = File.ReadAllLines(_folder["voc/ImageSets/Main/trainval.txt"]), tests = File.ReadAllLines(_folder["voc/ImageSets/Main/test.txt"]);
        int[] order = Training.Transfer.ValidationOrder(names.Length, options.Seed);
        int held = names.Length / 5;
        File.WriteAllLines(_folder["voc/ImageSets/Main/trainval.txt"], order[held..].Order().Select(i => names[i]));
        File.WriteAllLines(_folder["voc/ImageSets/Main/test.txt"], order[..held].Select(i => names[i]));
        double[] means = [.. sides.Select(side => new Training.Transfer(model, options with { MinimumSides = [side] }).Run(_folder["voc"]).Results[0].Mean)];
        Assert.Equal(means.Max(), means[Array.IndexOf(sides, chosen.Side!.Value)], 1e-9);

        File.WriteAllLines(_folder["voc/ImageSets/Main/trainval.txt"], names);
        File.WriteAllLines(_folder["voc/ImageSets/Main/test.txt"], tests);
        Assert.Equal(chosen, Assert.Single(new Training.Transfer(model, options with { MinimumSides = [chosen.Side!.Value] }).Run(_folder["voc"]).Results));
    }

    // A first layer that passes the red channel on shows what was subtracted.
    [Fact]
    public void AnotherMeanIsSubtracted()
    {
        ImageDataset images = TinyRun.Images(1);
        using TrainedModel model = Model();
        FeatureRequest request = FeatureRequest.Parse("0", model.Model.Network);
        using var own = new FeatureExtractor(model, [request], FeatureView.Crop);
        using var other = new FeatureExtractor(model, [request], FeatureView.Crop, mean: 68);
        using var same = new FeatureExtractor(model, [request], FeatureView.Crop, mean: 128);
        float[] before = own.Extract([images.Load(0)])[0][0][0].Values;
        Assert.Equal(before, same.Extract([images.Load(0)])[0][0][0].Values);

        // 60 less, by a deviation of 60, is 1 more in all channels.
        var conv = (Layers.Conv2d)model.Model.Network.Root.Children[0];
        float[] weights = conv.Weight.Value.ToArray(), after = other.Extract([images.Load(0)])[0][0][0].Values;
        int filters = conv.Weight.Shape[3];
        // In the middle of the map, where no padding is; behind the activation only what is above 0 shows.
        int middle = (8 * 16 + 8) * filters;
        int[] seen = [.. Enumerable.Range(0, filters).Where(f => before[middle + f] > 0 && after[middle + f] > 0)];
        Assert.NotEmpty(seen);
        Assert.All(seen, f => Assert.Equal(Enumerable.Range(0, weights.Length / filters).Sum(i => (double)weights[i * filters + f]), after[middle + f] - before[middle + f], 1e-4));
    }

    private TrainedModel Model() => new(TinyRun.Model(_backend), new InputPreparation { MinSide = 18, CropSize = 16, Normalisation = InputNormalisation.Constant(128, 60) }, 16);

    private void WriteImages(int count)
    {
        ImageDataset images = TinyRun.Images(count);
        for (int i = 0; i < count; i++)
        {
            string folder = _folder["images/" + TinyRun.Classes[images.Samples[i].Label]];
            Directory.CreateDirectory(folder);
            ImageWriter.WritePng(Path.Combine(folder, $"{i}.png"), images.Load(i));
        }
    }

    // Images bright on the left are cats, on the right dogs; every second dog comes with a difficult cat.
    private void WriteVoc()
    {
        foreach (string name in (string[])["JPEGImages", "Annotations", "ImageSets/Main"]) Directory.CreateDirectory(_folder["voc/" + name]);
        ImageDataset images = TinyRun.Images(27);
        var names = new List<string>();
        for (int i = 0; i < images.Count; i++)
        {
            int label = images.Samples[i].Label;
            if (label == 2) continue;
            string name = names.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
            ImageWriter.WritePng(_folder[$"voc/JPEGImages/{name}.jpg"], images.Load(i));
            string difficult = names.Count % 4 == 1 ? "<object><name>cat</name><difficult>1</difficult></object>" : "";
            File.WriteAllText(_folder[$"voc/Annotations/{name}.xml"], $"<annotation><object><name>{(label == 0 ? "cat" : "dog")}</name><difficult>0</difficult></object>{difficult}</annotation>");
            names.Add(name);
        }
        File.WriteAllLines(_folder["voc/ImageSets/Main/trainval.txt"], names.Take(12));
        File.WriteAllLines(_folder["voc/ImageSets/Main/test.txt"], names.Skip(12));
    }
}
