namespace IlgpuSpp.Detection.Tests;

public sealed class ProposalRecallTests
{
    private static readonly PixelBox Object = new(0, 0, 9, 9);

    [Fact]
    public void Recall_GrowsWithTheNumberOfWindows()
    {
        var recall = new ProposalRecall();
        // Overlaps 0, 0.5, 0.8 for the first image's object; 0.7 and 0 for the two of the second.
        recall.Add([new(20, 20, 29, 29), new(0, 0, 9, 4), new(0, 0, 9, 7)], [Object]);
        recall.Add([new(0, 0, 9, 6)], [Object, new(50, 50, 59, 59)]);
        recall.Add([], []);
        Assert.Equal(3, recall.Objects);
        Assert.Equal(3, recall.Images);
        Assert.Equal(4 / 3.0, recall.MeanProposals);
        Assert.Equal(0, recall.At(0.5, 0));
        Assert.Equal(1 / 3.0, recall.At(0.5, 1));
        Assert.Equal(2 / 3.0, recall.At(0.5, 2));
        Assert.Equal(1 / 3.0, recall.At(0.7, 2));
        Assert.Equal(2 / 3.0, recall.At(0.7, 3));
        Assert.Equal(2 / 3.0, recall.At(0.7));
        Assert.Equal(1 / 3.0, recall.At(0.75));
        Assert.Equal((0.5 + 0.7) / 3, recall.MeanBestOverlap(2), 1e-12);
        Assert.Equal((0.8 + 0.7) / 3, recall.MeanBestOverlap(), 1e-12);
    }

    [Fact]
    public void NoObjects_AreRefused()
    {
        var recall = new ProposalRecall();
        Assert.Throws<InvalidOperationException>(() => recall.At(0.5));
        recall.Add([Object], []);
        Assert.Throws<InvalidOperationException>(() => recall.At(0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => recall.At(0));
    }
}
