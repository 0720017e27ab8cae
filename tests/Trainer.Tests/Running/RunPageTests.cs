using System.Text.RegularExpressions;
using System.Xml.Linq;
using IlgpuSpp.Reports;

namespace IlgpuSpp.Training.Tests;

public sealed class RunPageTests : FolderTest
{
    private const string Hostile = "</style><script>alert('x')</script>\" onload='y' & \u0001\uD800\uFFFF ";

    private static readonly XNamespace Html = "http://www.w3.org/1999/xhtml";
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Theory]
    [InlineData(10, 40, 16)]
    [InlineData(2, 1, 1)]
    [InlineData(40, 120, 0)]
    [InlineData(41, 3, 2)]
    [InlineData(1000, 1, 0)]
    public void Page_is_well_formed_and_loads_nothing(int classes, int epochs, int samples)
    {
        var page = RunPage.Render(SampleRun.Of(classes, epochs, samples));

        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
        var document = XDocument.Parse(page);
        Assert.Equal(Html + "html", document.Root!.Name);
        Assert.Equal(samples, document.Descendants(Html + "img").Count());

        // To an HTML parser <p /> is a paragraph left open: only void elements and those of SVG may close themselves.
        var closed = Regex.Matches(page, @"<([a-z]+)[^<>]*/>").Select(match => match.Groups[1].Value).Distinct();
        Assert.Subset(new HashSet<string> { "meta", "img", "line", "rect", "circle", "polyline", "polygon" }, closed.ToHashSet());

        var rest = page.Replace(Html.NamespaceName, "", StringComparison.Ordinal).Replace(Svg.NamespaceName, "", StringComparison.Ordinal);
        Assert.DoesNotContain("http:", rest, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("https:", rest, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("url(", rest, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", rest, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(document.Descendants(Html + "script"));
        Assert.Empty(document.Descendants(Html + "link"));
        Assert.All(document.Descendants(Html + "img"), image => Assert.StartsWith("data:image/png;base64,", image.Attribute("src")!.Value, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(60)]
    public void Hostile_names_stay_text(int classes)
    {
        var plain = XDocument.Parse(RunPage.Render(SampleRun.Of(classes, 6, 4)));
        var document = XDocument.Parse(RunPage.Render(SampleRun.Of(classes, 6, 4, Hostile)));

        // The same elements with the same attributes as with harmless names: nothing broke out.
        static IEnumerable<string> Outline(XDocument page) =>
            page.Descendants().Select(element => $"{element.Name} {string.Join(' ', element.Attributes().Select(attribute => attribute.Name))}");
        Assert.Equal(Outline(plain), Outline(document));

        // What XML cannot hold (a control character, half a surrogate pair, a noncharacter) is replaced, the rest is kept.
        var shown = Hostile.Replace('\u0001', '\uFFFD').Replace('\uD800', '\uFFFD').Replace('\uFFFF', '\uFFFD') + "run";
        Assert.Equal(shown, document.Descendants(Html + "h1").Single().Value);
    }

    [Fact]
    public void Page_says_when_and_how_the_run_was_made()
    {
        var report = SampleRun.Of(3, 5, 0) with { Started = new DateTimeOffset(2026, 2, 3, 14, 5, 0, TimeSpan.FromHours(5.5)), Command = "ilgpuspp train --data 'my & photos'" };
        var document = XDocument.Parse(RunPage.Render(report));

        Assert.Contains("2026-02-03 14:05 UTC+05:30", document.Descendants(Html + "dd").Select(element => element.Value));
        Assert.Equal(report.Command, document.Descendants(Html + "pre").Single().Value);
        Assert.Empty(XDocument.Parse(RunPage.Render(SampleRun.Of(3, 5, 0))).Descendants(Html + "pre"));
    }

    [Fact]
    public void Rate_is_linear_and_top_5_has_its_own_range()
    {
        // Rates of 0.01 and 0.001; first five right in 1 - 0.5 / e of epochs 4 to 8, which is 87.5 to 93.75 %.
        var report = SampleRun.Of(3, 8, 0);
        var document = XDocument.Parse(RunPage.Render(report with { Run = report.Run with { Epochs = [.. report.Run.Epochs.Skip(3)] } }));

        var charts = document.Descendants(Html + "figure").Where(figure => (string?)figure.Attribute("class") == "chart").ToDictionary(figure => figure.Element(Html + "figcaption")!.Value);
        Assert.Equal(["Loss", "Top-1 accuracy", "Learning rate", "Validation top-5 accuracy", "Training images per second"], charts.Keys);
        Assert.Equal(["0", "0.005", "0.010"], Labels("Learning rate"));
        Assert.Equal(["85%", "90%", "95%"], Labels("Validation top-5 accuracy"));
        Assert.Equal("parts three", (string?)charts["Learning rate"].Parent!.Attribute("class"));

        IEnumerable<string> Labels(string chart) => charts[chart].Descendants(Svg + "text").Where(text => (string?)text.Attribute("class") == "y").Select(text => text.Value);
    }

    [Fact]
    public void Tiles_show_the_best_epoch()
    {
        var report = SampleRun.Of(3, 5, 0);
        report = report with { Run = report.Run with { BestOrNull = new BestEpoch(3, 1 - (0.95 / 3), 1 - (0.5 / 3), 0.8) } };
        var document = XDocument.Parse(RunPage.Render(report));

        // Epoch 3 validated at 1 - 0.95 / 3 = 68.33 %; the rates are 501 to 505; 292 s are 4 min 52 s.
        var values = document.Descendants(Html + "strong").Select(element => element.Value);
        Assert.Equal(["68.3%", "3", "503", "4 min 52 s"], values);
    }

    [Fact]
    public void Epochs_without_a_measurement_or_a_loss_leave_gaps()
    {
        var report = SampleRun.Of(3, 4, 0).With(epoch => epoch.Epoch == 4 ? epoch with { TrainLoss = double.NaN } : epoch with { ValidationLoss = null, ValidationTop1 = null, ValidationTop5 = null });
        var document = XDocument.Parse(RunPage.Render(report));

        var loss = document.Descendants(Svg + "polyline").First();
        Assert.Equal(3, loss.Attribute("points")!.Value.Split(' ').Length);
        Assert.Contains("NaN", document.Descendants(Html + "td").Select(cell => cell.Value));
        Assert.Contains("–", document.Descendants(Html + "td").Select(cell => cell.Value));
    }

    [Fact]
    public void Sizes_alternate_between_two_markers_on_the_training_curves()
    {
        var document = XDocument.Parse(RunPage.Render(SampleRun.Of(3, 9, 0)));

        var legend = document.Descendants(Html + "ul").First(list => (string?)list.Attribute("class") == "legend");
        Assert.Equal(["training", "validation", "224 px", "180 px"], legend.Elements().Select(item => item.Value.Trim()));
        var training = document.Descendants(Svg + "g").First(group => (string?)group.Attribute("class") == "series s0");
        Assert.Equal(5, training.Elements(Svg + "circle").Count());
        Assert.Equal(4, training.Elements(Svg + "rect").Count());
    }

    [Fact]
    public void Many_sizes_get_a_chart_of_their_own()
    {
        var report = SampleRun.Of(3, 9, 0).With(epoch => epoch with { Size = 180 + epoch.Epoch });
        var document = XDocument.Parse(RunPage.Render(report));

        Assert.Contains("Size in pixels", document.Descendants(Html + "figcaption").Select(caption => caption.Value));
        Assert.DoesNotContain("181 px", document.Descendants(Html + "li").Select(item => item.Value.Trim()));
    }

    [Fact]
    public void Page_grows_with_its_images_and_little_else()
    {
        // 1000 classes and 1000 epochs of text and curves, and 20 photographs of 100 000 bytes: base64 takes 4 characters for 3 bytes.
        var image = new byte[100_000];
        SampleRun.Pixel.CopyTo(image, 0);
        var report = SampleRun.Of(1000, 1000, 20);
        report = report with { Samples = [.. report.Samples.Select(sample => sample with { Image = image })] };

        Assert.InRange(RunPage.Render(report).Length, 20 * 133_333, (20 * 133_336) + 1_500_000);
        Assert.InRange(RunPage.Render(SampleRun.Of(10, 40, 0)).Length, 10_000, 120_000);
    }

    [Fact]
    public void Writing_replaces_the_file_and_leaves_nothing_beside_it()
    {
        var path = _folder["report.html"];
        File.WriteAllText(path, "old");
        var report = SampleRun.Of(3, 2, 1, "größe 猫 😀 ");
        RunPage.Write(path, report);

        Assert.Equal(RunPage.Render(report), File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Root));

        // A folder in the file's place cannot be replaced: the write fails and clears up.
        Assert.ThrowsAny<SystemException>(() => RunPage.Write(_folder.Folder("taken.html"), report));
        Assert.Equal([path], Directory.GetFiles(_folder.Root));
    }
}
