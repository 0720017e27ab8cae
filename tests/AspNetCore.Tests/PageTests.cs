using Microsoft.Playwright;

namespace IlgpuSpp.AspNetCore.Tests;

/// <summary>The page in a real browser. <c>ILGPUSPP_SCREENSHOTS</c> names a folder for pictures of it.</summary>
public class PageTests : ServerTest
{
    private const int Limit = 120_000;

    private const string DropScript = """
        async base64 => {
          const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0)), data = new DataTransfer();
          data.items.add(new File([bytes], 'dropped.png'));
          document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
        }
        """;

    [ChromiumFact]
    public async Task A_dropped_picture_is_named_and_a_broken_file_is_explained()
    {
        SmallModels.WriteDetector(_folder["run"], _backend);
        await using RunningServer server = await RunningServer.StartAsync(models => models.UseBackend(_backend).AddClassifier("fruit", ModelPath).AddDetector("finder", _folder["run"]));
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await OpenAsync(playwright);
        IPage page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 1200, Height = 800 } });
        page.SetDefaultTimeout(Limit);
        var errors = new List<string>();
        page.PageError += (_, error) => errors.Add(error);
        page.Console += (_, message) =>
        {
            // A refused picture is a refused request, which the browser notes.
            if (message.Type == "error" && !message.Text.Contains("415", StringComparison.Ordinal)) errors.Add(message.Text);
        };
        await page.GotoAsync(server.Client.BaseAddress!.ToString());
        await Assertions.Expect(page.Locator("#model option")).ToHaveCountAsync(2);
        await ShotAsync(page, "start");

        await page.EvaluateAsync(DropScript, Convert.ToBase64String(ImageWriter.Png(SmallModels.Picture(320, 240, 2))));
        await Assertions.Expect(page.Locator("#list li")).ToHaveCountAsync(3);
        using var classifier = Classifier.Load(ModelPath, _backend);
        Guess best = classifier.Predict(SmallModels.Picture(320, 240, 2), 1)[0];
        await Assertions.Expect(page.Locator("#headline")).ToHaveTextAsync(best.ClassName);
        await Assertions.Expect(page.Locator("#list li:first-child .value")).ToHaveTextAsync(FormattableString.Invariant($"{100 * best.Probability:F1} %"));
        string plain = await page.EvaluateAsync<string>("document.getElementById('canvas').toDataURL()");
        await page.Locator("#heat").CheckAsync();
        Assert.NotEqual(plain, await page.EvaluateAsync<string>("document.getElementById('canvas').toDataURL()"));
        await ShotAsync(page, "classes");

        await page.EvaluateAsync(DropScript, Convert.ToBase64String("not a picture"u8));
        await Assertions.Expect(page.Locator("#error")).ToContainTextAsync("looks like text");
        await Assertions.Expect(page.Locator("#result")).ToBeHiddenAsync();
        await ShotAsync(page, "broken");

        await page.Locator("#model").SelectOptionAsync("finder");
        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "chosen.png", MimeType = "image/png", Buffer = ImageWriter.Png(SmallModels.Picture(320, 240, 2)) });
        await Assertions.Expect(page.Locator("#headline")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("Nothing found|object"));
        await Assertions.Expect(page.Locator("#error")).ToBeHiddenAsync();
        await ShotAsync(page, "objects");
        Assert.Empty(errors);
    }

    [ChromiumFact]
    public async Task It_works_by_keyboard_with_a_key_on_380_pixels_and_in_the_dark()
    {
        await using RunningServer server = await StartAsync(options => options.ApiKey = "open sesame");
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await OpenAsync(playwright);
        IPage page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 380, Height = 760 }, ColorScheme = ColorScheme.Dark });
        page.SetDefaultTimeout(Limit);
        // Choosers are caught from the first listener on; one that came with the key would be too late at times.
        page.FileChooser += (_, _) => { };
        await page.GotoAsync(server.Client.BaseAddress!.ToString());
        await Assertions.Expect(page.Locator("#key")).ToBeFocusedAsync();
        await ShotAsync(page, "key-380");
        await page.Keyboard.TypeAsync("open sesame");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#model option")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("#error")).ToBeHiddenAsync();

        await page.EvaluateAsync("document.activeElement.blur()");
        await page.Locator("#model").FocusAsync();
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.Locator("#file")).ToBeFocusedAsync();
        IFileChooser chooser = await page.RunAndWaitForFileChooserAsync(() => page.Keyboard.PressAsync("Enter"));
        await chooser.SetFilesAsync(new FilePayload { Name = "a-rather-long-name-of-a-photograph-from-the-last-holiday.png", MimeType = "image/png", Buffer = ImageWriter.Png(SmallModels.Picture(500, 375, 4)) });
        await Assertions.Expect(page.Locator("#list li")).ToHaveCountAsync(3);
        await page.Locator("#heat").FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await Assertions.Expect(page.Locator("#heat")).ToBeCheckedAsync();
        await ShotAsync(page, "classes-380-dark");
        Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= 380);
    }

    private static Task<IBrowser> OpenAsync(IPlaywright playwright)
    {
        Assertions.SetDefaultExpectTimeout(Limit);
        return playwright.Chromium.LaunchAsync(new() { ExecutablePath = ChromiumFactAttribute.Path, Args = ["--no-sandbox"], Timeout = Limit });
    }

    private static async Task ShotAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("ILGPUSPP_SCREENSHOTS") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
    }
}

/// <summary>A test in Chromium; skipped where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public const string Path = "/usr/bin/chromium";

    public ChromiumFactAttribute()
    {
        if (!File.Exists(Path)) Skip = $"There is no {Path}; install Debian's package chromium.";
    }
}
