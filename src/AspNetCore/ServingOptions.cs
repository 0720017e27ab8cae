namespace IlgpuSpp.AspNetCore;

/// <summary>What a server of models accepts and how it works.</summary>
public sealed class ServingOptions
{
    /// <summary>Most images of one prepared size that share a pass, at least 1.</summary>
    public int MaxBatch { get; set; } = 8;

    /// <summary>Longest time that an image waits for others to share its pass.</summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Most images in the server at a time, those whose bytes still arrive included; further ones are answered with 429. At least 1.</summary>
    public int QueueLimit { get; set; } = 256;

    /// <summary>Longest time that a request takes; then it is answered with 503 where its image still waits, 504 where it is in a pass.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Most bytes of one image's file; larger ones are answered with 413.</summary>
    public int MaxImageBytes { get; set; } = 32 << 20;

    /// <summary>Most images in one request; more are answered with 413.</summary>
    public int MaxImages { get; set; } = 32;

    /// <summary>Most pixels of an image, width times height, told by its header before it is decoded; larger ones are answered with 422.</summary>
    public long MaxPixels { get; set; } = 25_000_000;

    /// <summary>Bytes that images may take while they arrive and are decoded, over all requests; images wait for their share of it.</summary>
    public long MemoryBudget { get; set; } = 512L << 20;

    /// <summary>The key that requests must bring as <c>Authorization: Bearer KEY</c> or <c>X-Api-Key: KEY</c>; null for none.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Refuses options that cannot work.</summary>
    /// <exception cref="OptionsException">The first option that cannot work, with what it must be.</exception>
    public void Validate()
    {
        OptionCheck.Between(MaxBatch, 1, 1024, nameof(MaxBatch));
        OptionCheck.InRange(MaxWait.TotalSeconds, MaxWait >= TimeSpan.Zero && MaxWait <= TimeSpan.FromSeconds(10), "from 0 to 10 seconds", nameof(MaxWait));
        OptionCheck.AtLeast(QueueLimit, 1, nameof(QueueLimit));
        OptionCheck.InRange(Timeout.TotalSeconds, Timeout > TimeSpan.Zero && Timeout <= TimeSpan.FromDays(1), "above 0 and at most a day", nameof(Timeout));
        OptionCheck.AtLeast(MaxImageBytes, 1, nameof(MaxImageBytes));
        OptionCheck.AtLeast(MaxImages, 1, nameof(MaxImages));
        OptionCheck.That(MaxPixels >= 1, nameof(MaxPixels), "must be at least 1");
        OptionCheck.That(MemoryBudget >= 1 << 20, nameof(MemoryBudget), "must be at least a mebibyte");
        OptionCheck.That(ApiKey is null or { Length: > 0 }, nameof(ApiKey), "must not be empty; leave it out to ask for none");
    }
}
