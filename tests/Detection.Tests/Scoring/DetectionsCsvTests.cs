using static IlgpuSpp.Detection.Tests.Truth;

namespace IlgpuSpp.Detection.Tests;

/// <summary>Detections in files.</summary>
public sealed class DetectionsCsvTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private IReadOnlyList<ScoredBox> Read(string text, WarningList warnings)
    {
        File.WriteAllText(_folder["d.csv"], text);
        return DetectionsCsv.Read(_folder["d.csv"], Truth.Of(["cat", "dog"], [], []), warnings);
    }

    [Fact]
    public void PixelsAreCountedFromOne()
    {
        var warnings = new WarningList();
        Assert.Equal(
            [Found(0.25, Box(0, 1, 8.5, 19), image: 1, label: 1), Found(-3, Box(4, 4, 4, 4))],
            Read("image,class,score,x1,y1,x2,y2\nimage-1,dog,0.25,1,2,9.5,20\nimage-0.jpg,cat,-3e0,5,5,5,5\n", warnings));
        Assert.Empty(warnings.Lines);
    }

    [Fact]
    public void WhatWasWrittenIsReadAgain()
    {
        ScoredBox[] all = [Found(0.1 + 0.2, Box(0, 0, 3.25, 9), image: 1), Found(1e-9, Cell(2), label: 1)];
        DetectionsCsv.Write(_folder["w.csv"], Truth.Of(["cat", "dog"], [], []), all);
        Assert.Equal(all, DetectionsCsv.Read(_folder["w.csv"], Truth.Of(["cat", "dog"], [], [])));
    }

    [Fact]
    public void ForSpreadsheets_NamesThatAreFormulasGetAnApostrophe_NumbersDoNot()
    {
        DetectionsCsv.Write(_folder["w.csv"], Truth.Of(["=1+1", "-dog", "cat, black"], [], []), [Found(-0.5, Box(0, 0, 3, 9)), Found(2, Box(-2, 0, 3, 9), label: 1), Found(3, Box(0, 0, 3, 9), label: 2)], spreadsheetSafe: true);
        Assert.Equal(
            ["image,class,score,x1,y1,x2,y2", "image-0,'=1+1,-0.5,1,1,4,10", "image-0,'-dog,2,-1,1,4,10", "image-0,\"cat, black\",3,1,1,4,10"],
            File.ReadAllLines(_folder["w.csv"]));
    }

    [Fact]
    public void StrangersAreLeftOutWithANote()
    {
        var warnings = new WarningList();
        Assert.Empty(Read("image,class,score,x1,y1,x2,y2\nimage-7,dog,1,1,2,9,20\nimage-0,cow,1,1,2,9,20\n", warnings));
        Assert.Equal(2, warnings.Lines.Count);
        Assert.Contains("image-7", warnings.Lines[0], StringComparison.Ordinal);
        Assert.Contains("cow", warnings.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void ErrorsNameTheLine()
    {
        Assert.Contains("line 3", Assert.Throws<DatasetException>(() => Read("image,class,score,x1,y1,x2,y2\nimage-0,cat,1,1,1,2,2\nimage-0,cat,high,1,1,2,2\n", new())).Message, StringComparison.Ordinal);
        Assert.Contains("no column 'score'", Assert.Throws<DatasetException>(() => Read("image,class,x1,y1,x2,y2\n", new())).Message, StringComparison.Ordinal);
    }
}
